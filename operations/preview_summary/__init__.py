"""Summary of previews for the review of a pull request."""
