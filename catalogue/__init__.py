"""The alerting catalogue: loading, validation and rendering."""
