"""Nodes of the embedded cluster: a real one from namespaces, containerd and kubelet, or simulated ones."""
