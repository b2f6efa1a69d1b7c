"""What developers use and nothing is deployed with."""
