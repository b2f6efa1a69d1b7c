"""Rehearsal of a migration on a real node: a kube-prometheus-stack with data and a silence is replaced."""
