"""Phase: where a dial is."""

from enum import IntEnum
from typing import Final


class Phase(IntEnum):
    """Each has its own goroutines and its own level."""

    RESOLVING = 0
    CONNECTING = 1
    HANDSHAKING = 2
    TUNNELLING = 3
    OVER = 4


RESOLVING: Final = Phase.RESOLVING
CONNECTING: Final = Phase.CONNECTING
HANDSHAKING: Final = Phase.HANDSHAKING
TUNNELLING: Final = Phase.TUNNELLING
OVER: Final = Phase.OVER
"""By their own names, for what each dial passes: to look into an enum costs as much as a call."""

PHASE_LEVELS = ("resolving", "connecting", "handshaking", "connect_waiting")
"""The levels of the running ones, in order."""
