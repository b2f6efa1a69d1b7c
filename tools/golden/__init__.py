"""Golden listings of resources and dashboards."""
