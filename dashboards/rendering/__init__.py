"""Rendering of dashboards to Grafana JSON."""
