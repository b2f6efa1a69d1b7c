"""Dashboards as code: signals, the boards that show them, and their rendering."""
