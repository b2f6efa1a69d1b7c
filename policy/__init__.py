"""Pulumi policy pack of rules for every stack; the checks themselves do not import Pulumi."""
