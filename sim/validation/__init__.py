"""Validation: what was measured in reality against what is simulated, quantity by quantity."""
