"""Test notification: one alert through the deployed routes to a receiver, and its resolution."""
