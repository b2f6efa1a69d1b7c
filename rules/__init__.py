"""The alerting catalogue: plain Prometheus rule files and what reads, checks and adapts them."""
