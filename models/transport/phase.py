"""Phase: where a dial is."""

from enum import IntEnum


class Phase(IntEnum):
    """Each has its own goroutines and its own level."""

    RESOLVING, CONNECTING, HANDSHAKING, TUNNELLING, OVER = range(5)


PHASE_LEVELS = ("resolving", "connecting", "handshaking", "connect_waiting")
"""The levels of the running ones, in order."""
