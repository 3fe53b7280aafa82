"""Scripts: a small world in which every request, fault and look has its instant, and what was seen of it."""
