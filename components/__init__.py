"""The pieces of the monitoring stack, and the settings that shape them."""
