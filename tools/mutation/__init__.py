"""Mutation tests of the alerting and recording rules."""
