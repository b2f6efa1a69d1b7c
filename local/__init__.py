"""The embedded environment: tools, control plane, nodes and deployment."""
