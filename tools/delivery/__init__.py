"""Delivery of every alert through a real Alertmanager."""
