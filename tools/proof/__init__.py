"""Proof that every metric of rules and boards exists in the output of a real exporter."""
