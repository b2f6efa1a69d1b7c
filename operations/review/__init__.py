"""Review of a stack from its own data: `python -m operations review`."""
