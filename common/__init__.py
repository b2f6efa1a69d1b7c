"""Values and checks that import nothing else of the project."""
