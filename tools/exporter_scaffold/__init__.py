"""Scaffold of a new exporter."""
