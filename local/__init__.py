"""The embedded environment: tools, control plane, charts and deployment on one machine."""
