"""Certificates: who issues them, when they are renewed, and when their time is over. Not handshakes."""
