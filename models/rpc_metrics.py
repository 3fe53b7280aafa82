"""RPC metrics: what a run with gRPC clients is measured by besides, declared over the table of their calls.

The requests of such clients count in `metrics` as all others do: ok with status 200, an error with gRPC's text.
"""

from models.metrics import WARMUP
from sim.records.metric import (
    Between,
    Count,
    CountEach,
    Declarations,
    Is,
    Known,
    Mean,
    Quantile,
    Ratio,
    Selection,
)

RPCS = Selection("rpcs")
WARM = RPCS.having(Between("t_arrival", WARMUP))
WAITED = WARM.having(Known("waited"))

RPC_METRICS: Declarations = {
    "grpc_code:{}": CountEach(RPCS, "code"),
    "grpc_ok_ratio": Ratio(Count(WARM.having(Is("code", "OK"))), Count(WARM)),
    "grpc_retried": Count(RPCS.having(Between("retried", 1))),
    "grpc_wait_mean": Mean(WAITED, "waited"),
    "grpc_wait_p99": Quantile(WAITED, "waited", 0.99),
}
