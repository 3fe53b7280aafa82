"""Timeline: what happens when. The faults of a scenario, and what its clients are told to do, as SimPy scripts.

A kind of event is a class of its configuration and a field of `TimelineEvent`; a fault also has its `Effect`, the two
functions that begin and end it at one backend.
"""

from models.timeline.chaos import Chaos
from models.timeline.close_idle import CloseIdle
from models.timeline.event import FAULTS, KINDS, OF_NAMES, TimelineEvent
from models.timeline.fault import (
    BadCertificate,
    Crash,
    Fault,
    Flush,
    HeaderStall,
    Loss,
    NameFault,
    Pause,
    Slow,
    Unreachable,
    ZoneLoss,
)
from models.timeline.path_change import PathChange

__all__ = [
    "FAULTS", "KINDS", "OF_NAMES", "BadCertificate", "Chaos", "CloseIdle", "Crash", "Fault", "Flush", "HeaderStall",
    "Loss", "NameFault", "PathChange", "Pause", "Slow", "TimelineEvent", "Unreachable", "ZoneLoss",
]  # fmt: skip
