"""Deployment of a stack into the embedded cluster."""
