"""Linux: ports, TIME_WAIT, timers, SYNs, sockets, as far as a client of HTTP sees them."""
