"""Names: what a resolver answers, in which order and when."""
