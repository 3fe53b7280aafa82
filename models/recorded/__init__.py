"""Recorded cases: what a lab was told to do, as a scenario, and which quantities of it are compared."""
