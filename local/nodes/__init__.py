"""Nodes of the embedded cluster, real or simulated."""
