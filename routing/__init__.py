"""Alertmanager configuration of a stack."""
