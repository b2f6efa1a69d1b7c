"""The embedded Kubernetes control plane on loopback."""
