"""A platform to watch, and receivers to tell: what a real node's stack finds beside it with `DEMO=yes`."""
