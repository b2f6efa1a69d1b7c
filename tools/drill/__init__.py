"""The fire drill: a stack's own rules and routes on a platform that is made to fail."""
