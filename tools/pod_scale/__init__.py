"""kube-state-metrics and its scrape in a cluster with many pods."""
