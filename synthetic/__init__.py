"""A BAIS that is not there: the metrics that its applications and exporters would expose, in health and in trouble."""
