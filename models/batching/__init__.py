"""Batching: items that share requests: when a batch goes, what compression makes of it, which node gets it."""
