"""Lookup and build of the pinned tools."""
