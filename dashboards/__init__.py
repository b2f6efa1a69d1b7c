"""Dashboards as code: signals, the boards that show them, and the house style in which they do."""
