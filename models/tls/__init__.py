"""TLS: what a handshake costs in round trips and CPU time, and what makes it stall."""
