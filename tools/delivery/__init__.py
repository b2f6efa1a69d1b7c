"""Delivery of alerts through a real Alertmanager: environment, expectations and figures."""
