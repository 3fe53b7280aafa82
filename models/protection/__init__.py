"""Protection: breakers, limits, retries around a call. Not what is called."""
