"""Sections of a review, one per file: pure functions of the data."""
