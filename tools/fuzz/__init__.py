"""Mutated settings, rules, objectives, contracts and templates, each of which must be refused clearly or work."""
