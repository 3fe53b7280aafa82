"""Retries: whether a call that failed is tried again, when, and how many may be."""
