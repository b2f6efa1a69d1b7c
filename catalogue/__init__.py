"""The alerting catalogue: load, check, render."""
