"""Deployments that are killed at random points, recovered and completed."""
