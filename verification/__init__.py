"""Checks that run after the last resource: what the operator, Prometheus and Alertmanager have accepted and loaded."""
