"""Collecting: sources run side by side, what they say is checked, and kept in batches."""
