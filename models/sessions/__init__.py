"""Connections that last: fleets of devices, each with one connection, and what is spoken on it."""
