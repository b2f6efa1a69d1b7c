"""Synthetic BAIS platform: the metrics of its services and exporters, healthy and in failure scenarios."""
