"""QUIC: connections over UDP, packet by packet: handshakes, streams, loss recovery, changes of path."""
