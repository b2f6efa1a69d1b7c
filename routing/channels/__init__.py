"""Channels that receivers send to, one module each."""
