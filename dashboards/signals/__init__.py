"""Signals per source: units and PromQL, independent of rendering."""
