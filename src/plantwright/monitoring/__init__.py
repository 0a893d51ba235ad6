"""Is it as it should be: states held over time, and the KPIs of ISO 22400-2. Pure: columns in, frozen results out."""
