"""Phase: where a dial is."""

from enum import IntEnum


class Phase(IntEnum):
    """Each has its own goroutines and its own level."""

    RESOLVING, CONNECTING, HANDSHAKING, TUNNELLING, OVER = range(5)


RESOLVING, CONNECTING, HANDSHAKING, TUNNELLING, OVER = Phase
"""By their own names, for what each dial passes: to look into an enum costs as much as a call."""

PHASE_LEVELS = ("resolving", "connecting", "handshaking", "connect_waiting")
"""The levels of the running ones, in order."""
