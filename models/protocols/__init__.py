"""Protocols over the Transport's dials: HTTP/2."""
