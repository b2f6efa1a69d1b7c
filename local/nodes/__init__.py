"""A real node without a container engine: namespaces, containerd, kubelet, and everything they leave cleared away."""
