"""Evidence that every metric read exists in a real exporter."""
