"""Tuning: a controller that sets a Transport's buffers, streams and pool by the traffic that it sees."""
