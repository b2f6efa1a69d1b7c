"""Fire drill: rules and routes of a stack, tested with failure scenarios."""
