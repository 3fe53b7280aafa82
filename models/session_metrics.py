"""Session metrics: what a run with fleets of devices is measured by, declared over the table of sessions.

A life is one connection of a device, from its dial on. Detection is from the instant at which path or peer failed to
the one at which the device has no connection any more. A life is misjudged if an end gave it up for silence that would
have ended by itself.
"""

from models.metrics import DURATION, QUANTILES, WARMUP
from sim.records.metric import (
    Between,
    Count,
    CountEach,
    Declarations,
    Difference,
    Is,
    Known,
    Last,
    LevelAt,
    LevelMax,
    LevelMean,
    Maximum,
    Mean,
    Minimum,
    Not,
    PerSecond,
    Quantile,
    Ratio,
    Selection,
    Total,
    WindowOf,
)
from sim.records.window import Rate, Windowed

DIALS = Selection("sessions")
UP = DIALS.having(Known("t_up"))
LOST = UP.having(Not(Is("why", "lab-end")), Not(Is("why", "left")))
FAILED = DIALS.having(Not(Known("t_up")), Not(Is("why", "lab-end")))
BROKEN = UP.having(Known("t_broke"), Known("t_noticed"))
SERVER_KNOWS = UP.having(Known("t_broke"), Known("t_server_noticed"))
BACK = UP.having(Known("t_lost"))
MISJUDGED = UP.having(Is("misjudged", equals=True))
DETECTION = Difference("t_noticed", "t_broke")
SERVER_DETECTION = Difference("t_server_noticed", "t_broke")
SETUP = Difference("t_up", "t_dial")
AWAY = Difference("t_up", "t_lost")

SESSION_METRICS: Declarations = {
    "session_dials": Count(DIALS),
    "session_dials_failed": Count(FAILED),
    "session_failure_ratio": Ratio(Count(FAILED), Count(DIALS)),
    "sessions_opened": Count(UP),
    "sessions_lost": Count(LOST),
    "sessions_misjudged": Count(MISJUDGED),
    "session_end:{}": CountEach(DIALS, "why"),
    "session_setup_mean": Mean(UP, SETUP),
    **{f"session_setup_{name}": Quantile(UP, SETUP, p) for name, p in QUANTILES.items()},
    "session_setup_max": Maximum(UP, SETUP),
    "detection_mean": Mean(BROKEN, DETECTION),
    "detection_min": Minimum(BROKEN, DETECTION),
    "detection_max": Maximum(BROKEN, DETECTION),
    **{f"detection_{name}": Quantile(BROKEN, DETECTION, p) for name, p in QUANTILES.items()},
    "server_detection_mean": Mean(SERVER_KNOWS, SERVER_DETECTION),
    "server_detection_min": Minimum(SERVER_KNOWS, SERVER_DETECTION),
    "server_detection_max": Maximum(SERVER_KNOWS, SERVER_DETECTION),
    "away_mean": Mean(BACK, AWAY),
    **{f"away_{name}": Quantile(BACK, AWAY, p) for name, p in QUANTILES.items()},
    "away_max": Maximum(BACK, AWAY),
    "last_back_t": Last(BACK, "t_up", "t_up", absent=-1),
    "tries_per_session": Ratio(Count(DIALS), Count(UP)),
    "session_messages_sent": Total(DIALS, "sent"),
    "session_messages_received": Total(DIALS, "received"),
    "session_pings": Total(DIALS, "pings"),
    "session_pongs": Total(DIALS, "pongs"),
    "session_dials_per_s_max": WindowOf("session_dials_per_s", "most", WARMUP, DURATION),
    "session_dials_per_s": PerSecond(Count(DIALS.having(Between("t_dial", WARMUP, DURATION))), WARMUP, DURATION),
    "sessions_up_mean": LevelMean("sessions_up", WARMUP, DURATION),
    "sessions_up_max": LevelMax("sessions_up"),
    "sessions_up_end": LevelAt("sessions_up"),
    "sessions_opening_max": LevelMax("sessions_opening"),
}

SESSION_WINDOWS: dict[str, Windowed] = {
    "session_dials_per_s": Rate(DIALS, "t_dial"),
    "sessions_opened_per_s": Rate(UP, "t_up"),
    "sessions_lost_per_s": Rate(LOST, "t_noticed"),
}
"""Over time: dials, connections that came up, those that were lost."""
