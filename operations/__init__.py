"""Day-to-day operation of a stack on any cluster."""
