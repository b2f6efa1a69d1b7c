"""Report on the state of the alerting catalogue."""
