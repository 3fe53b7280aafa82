"""Circuit breakers as their libraries have them. Not what a breaker is, not the chain of guards around a call."""
