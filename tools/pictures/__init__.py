"""The boards as pictures, drawn by Grafana's own components, and their JSON checked against Grafana's own types."""
