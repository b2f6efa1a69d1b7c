"""Pictures of the dashboards, drawn with Grafana's components; their JSON is checked against Grafana's types."""
