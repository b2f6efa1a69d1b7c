"""Golden files: resources of every stack, and rendered dashboards."""
