"""The words of the plant file: every key, what it means, and what it becomes.

One description serves reading, checking, the explanation of defaults and the JSON Schema.
"""
