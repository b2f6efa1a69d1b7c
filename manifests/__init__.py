"""Chart values and custom resource specs, built from settings by pure functions."""
