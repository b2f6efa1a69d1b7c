"""Checks that run before the first resource is registered."""
