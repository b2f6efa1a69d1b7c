"""Typed settings of a stack file."""
