"""What one evaluation of all rules costs, in a real Prometheus on many series."""
