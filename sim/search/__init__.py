"""Studies that choose their next trials by the last ones: the place of a cliff, the best settings."""
