"""Report and lint of the dashboards."""
