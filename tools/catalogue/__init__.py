"""Completeness report of the alerting catalogue."""
