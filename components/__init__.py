"""Pulumi components of the monitoring stack, one per file."""
