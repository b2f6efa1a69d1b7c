"""What the boards show, by source: units and PromQL, free of how it looks."""
