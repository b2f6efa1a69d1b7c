"""Delivery of alerts through a real Alertmanager."""
