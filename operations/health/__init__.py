"""Health check of a running stack: what is read from its cluster, how it is judged, and the report."""
