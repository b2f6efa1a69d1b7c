"""Benchmark of the rule evaluation in a real Prometheus with many series."""
