"""Migration from a running kube-prometheus-stack, without a gap in paging."""
