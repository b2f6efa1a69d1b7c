"""New stack: questions, the settings that the answers make, and its secrets in the engine's encryption."""
