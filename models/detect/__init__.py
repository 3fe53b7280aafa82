"""Detectors: what is wrong with the sockets and goroutines of a host, from records alone, simulated or real."""
