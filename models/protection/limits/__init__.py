"""Limits: guards of rates and of calls in flight, and disciplines of queues. Not breakers, which remember failures."""
