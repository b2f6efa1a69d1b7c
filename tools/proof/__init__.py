"""Proof that real exporters expose every metric of rules and boards."""
