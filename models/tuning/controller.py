"""Controller: looks at the traffic of one Transport, again and again, and sets what follows from it.

What is computed stands in `formula`, from what in `features`. Source: the article's dynamic tuning (chapter 3.1):
sampling of live traffic, features, mapping, hot update.
"""

from collections import Counter
from collections.abc import Callable, Generator
from math import inf
from typing import Any

from models.tuning.config import TuningConfig
from models.tuning.features import Features
from models.tuning.formula import conns_cap, idle_cap, idle_timeout, max_concurrent_streams, write_buffer_size
from models.tuning.knobs import Knobs
from models.tuning.traffic import Traffic
from sim.engine.environment import Engine

UNLIMITED = ("max_concurrent_streams", "idle_conn_timeout")
"""Knobs of which 0 is no limit: more than any number."""
Note = Callable[[str], object]
Record = Callable[[Features, dict[str, int], int], object]


class Controller:
    """Of one instance of a client."""

    def __init__(self, config: TuningConfig, traffic: Traffic, knobs: Knobs, *, note: Note, record: Record) -> None:
        self._config, self._traffic, self._knobs = config, traffic, knobs
        self._note, self._record = note, record
        self._smoothed: dict[str, float] = {}
        self._went: dict[str, int] = {}
        """Whether each knob went up (1) or down (-1) when it was last moved."""
        self.changes: Counter[str] = Counter()
        """How often each knob was moved."""
        self.reversals: Counter[str] = Counter()
        """How often it was moved the other way than the time before."""

    def work(self, engine: Engine, until: int) -> Generator[Any, Any, None]:
        """Look and set, to the instant `until`."""
        while engine.now + self._config.period <= until:
            yield engine.timeout(self._config.period)
            self.look(engine.now)

    def look(self, now: int) -> None:
        """Look once, and set."""
        features = self._traffic.features(now, self._config.slices)
        moved = sum(self._turn(knob, features) for knob in self._config.knobs if self._knobs.can_turn(knob))
        if moved and self._config.apply == "new_transport":
            self._knobs.renew()
        self._record(features, self._knobs.read(), moved)

    def wanted(self, knob: str, features: Features) -> int:
        """What the formula, or the rule, makes of the features."""
        entropy, headroom = features.burst_entropy, self._config.headroom
        match knob:
            case "write_buffer_size":
                return write_buffer_size(features.qps, features.packet_size)
            case "max_concurrent_streams":
                return max_concurrent_streams(entropy if self._config.burst == "entropy" else 1 - entropy)
            case "max_idle_conns_per_host":
                return idle_cap(features, headroom)
            case "max_conns_per_host":
                return conns_cap(features, headroom)
        return idle_timeout(features)

    def _turn(self, knob: str, features: Features) -> bool:
        """Move a knob, unless it would move too little; whether it was moved."""
        before = self._knobs.read()[knob]
        value = self._smooth(knob, self.wanted(knob, features), before)
        lies, lay = _size(knob, value), _size(knob, before)
        if value == before or abs(lies - lay) < self._config.hysteresis * lay:
            return False
        self._knobs.turn(knob, value, features.hosts)
        went = 1 if lies > lay else -1
        self.changes[knob] += 1
        self.reversals[knob] += went == -self._went.get(knob, went)
        self._went[knob] = went
        self._note(f"tune {knob} {'up' if went > 0 else 'down'}")  # to what says the row; texts have to stay few
        return True

    def _smooth(self, knob: str, wanted: int, before: int) -> int:
        """The weighted mean of what is wanted and what it was; no limit (0) is no number to begin from."""
        last = self._smoothed.get(knob, before or wanted)
        self._smoothed[knob] = last + self._config.smoothing * (wanted - last)
        return round(self._smoothed[knob])


def _size(knob: str, value: int) -> float:
    return inf if not value and knob in UNLIMITED else value
