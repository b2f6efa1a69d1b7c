"""Synthetic BAIS platform: metrics of its services and exporters."""
