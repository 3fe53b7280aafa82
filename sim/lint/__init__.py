"""Lint: configuration judged by rules. Texts in, findings out; what a rule may know of the world is handed in."""
