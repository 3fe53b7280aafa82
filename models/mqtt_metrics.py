"""MQTT metrics: what a run with brokers and bridges is measured by, declared over their messages.

A message counts once for its way to the broker and once for each way on to a device. Its share that was sent again is
of those that were sent at all; a duplicate was handed on more than once. Delays of ways on begin where the application
published, those of acknowledgements where PUBLISH was written first.
"""

from models.metrics import DURATION, QUANTILES, WARMUP
from sim.records.metric import (
    Between,
    Count,
    CountEach,
    Counter,
    Declarations,
    Difference,
    Is,
    Known,
    LevelMax,
    LevelMean,
    Maximum,
    Mean,
    Minus,
    Not,
    PerSecond,
    Quantile,
    Ratio,
    Selection,
    Total,
)
from sim.records.spread import Deviation
from sim.records.window import Percentile, Rate, Windowed

FAILED = Not(Is("err", ""))
PUBLISHED = Selection("messages", (Is("leg", "publish"),))
PASSED_ON = Selection("messages", (Is("leg", "deliver"),))
WARM_PUBLISHED = PUBLISHED.having(Between("t_published", WARMUP))
WARM_PASSED_ON = PASSED_ON.having(Between("t_published", WARMUP))
SENT = WARM_PUBLISHED.having(Between("sends", 1))
SENT_ON = WARM_PASSED_ON.having(Between("sends", 1))
ACKED = SENT.having(Known("t_acked"))
DELIVERED = WARM_PASSED_ON.having(Known("t_received"))
ACK_DELAY = Difference("t_acked", "t_sent")
DELAY = Difference("t_received", "t_published")

BRIDGED = Selection("bridged", (Between("t_published", WARMUP),))
BRIDGED_WELL = BRIDGED.having(Known("t_done"))
BRIDGE_DELAY = Difference("t_done", "t_published")
OWN_DELAY = Difference("t_done", "t_received")

MQTT_METRICS: Declarations = {
    "mqtt_published": Count(PUBLISHED),
    "mqtt_err:{}": CountEach(PUBLISHED.having(FAILED), "err"),
    "mqtt_acked_per_s": PerSecond(Count(PUBLISHED.having(Between("t_acked", WARMUP, DURATION))), WARMUP, DURATION),
    "mqtt_resent_share": Ratio(Count(SENT.having(Between("sends", 2))), Count(SENT)),
    "mqtt_resend_ratio": Ratio(Minus(Total(SENT, "sends"), Count(SENT)), Count(SENT)),
    "mqtt_duplicate_share": Ratio(Count(SENT.having(Between("deliveries", 2))), Count(SENT)),
    "mqtt_ack_delay_mean": Mean(ACKED, ACK_DELAY),
    **{f"mqtt_ack_delay_{name}": Quantile(ACKED, ACK_DELAY, p) for name, p in QUANTILES.items()},
    "mqtt_ack_batch_mean": Ratio(Counter("mqtt.acks"), Counter("mqtt.ack_writes")),
    "mqtt_passed_on": Count(PASSED_ON),
    "mqtt_passed_on_err:{}": CountEach(PASSED_ON.having(FAILED), "err"),
    "mqtt_delivered": Count(PASSED_ON.having(Known("t_received"))),
    "mqtt_delivered_per_s": PerSecond(
        Count(PASSED_ON.having(Between("t_received", WARMUP, DURATION))), WARMUP, DURATION
    ),
    "mqtt_delivery_resent_share": Ratio(Count(SENT_ON.having(Between("sends", 2))), Count(SENT_ON)),
    "mqtt_delivery_duplicate_share": Ratio(Count(SENT_ON.having(Between("deliveries", 2))), Count(SENT_ON)),
    "mqtt_delay_mean": Mean(DELIVERED, DELAY),
    "mqtt_delay_sd": Deviation(DELIVERED, DELAY),
    **{f"mqtt_delay_{name}": Quantile(DELIVERED, DELAY, p) for name, p in QUANTILES.items()},
    "mqtt_delay_max": Maximum(DELIVERED, DELAY),
    "mqtt_in_flight_mean": LevelMean("mqtt_in_flight", WARMUP, DURATION),
    "mqtt_in_flight_max": LevelMax("mqtt_in_flight"),
    "mqtt_queued_mean": LevelMean("mqtt_queued", WARMUP, DURATION),
    "mqtt_queued_max": LevelMax("mqtt_queued"),
    "bridge_messages": Count(Selection("bridged")),
    "bridge_passed_on": Count(Selection("bridged").having(Known("t_done"))),
    "bridge_err:{}": CountEach(Selection("bridged", (FAILED,)), "err"),
    "bridge_duplicate_share": Ratio(Count(BRIDGED_WELL.having(Between("copy", 2))), Count(BRIDGED_WELL)),
    "bridge_overtaken": Count(Selection("bridged").having(Is("overtaken", equals=True))),
    "bridge_delay_mean": Mean(BRIDGED_WELL, BRIDGE_DELAY),
    "bridge_delay_sd": Deviation(BRIDGED_WELL, BRIDGE_DELAY),
    **{f"bridge_delay_{name}": Quantile(BRIDGED_WELL, BRIDGE_DELAY, p) for name, p in QUANTILES.items()},
    "bridge_delay_max": Maximum(BRIDGED_WELL, BRIDGE_DELAY),
    "bridge_own_delay_mean": Mean(BRIDGED_WELL, OWN_DELAY),
    "bridge_own_delay_sd": Deviation(BRIDGED_WELL, OWN_DELAY),
    "bridge_passed_on_per_s": PerSecond(
        Count(Selection("bridged").having(Between("t_done", WARMUP, DURATION))), WARMUP, DURATION
    ),
    "bridge_queue_mean": LevelMean("bridge_queued", WARMUP, DURATION),
    "bridge_queue_max": LevelMax("bridge_queued"),
    "bridge_calls_mean": LevelMean("bridge_calls", WARMUP, DURATION),
}

MQTT_WINDOWS: dict[str, Windowed] = {
    "mqtt_published_per_s": Rate(PUBLISHED, "t_published"),
    "mqtt_acked_per_s": Rate(PUBLISHED, "t_acked"),
    "mqtt_delivered_per_s": Rate(PASSED_ON, "t_received"),
    "bridged_per_s": Rate(Selection("bridged"), "t_done"),
    "bridge_delay_p99": Percentile(Selection("bridged"), BRIDGE_DELAY, 0.99, "t_done"),
}
"""Over time."""
