"""Mutation test of the rules."""
