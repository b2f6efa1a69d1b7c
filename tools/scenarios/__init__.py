"""Scenario tests: what people are notified of when everything happens at once."""
