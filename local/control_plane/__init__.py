"""Embedded control plane on loopback."""
