"""Cases of the keys under services.*.balancer."""

from tests.keys.case import CHURN, TWO_BACKENDS, Case, change

EACH, FOUR = "S.resolve.by=each", "S.backends=4"
OFTEN = "A={constant: {rate: 200/s}}"
MAGLEV = (EACH, FOUR, "S.balancer={policy: maglev, table_size: 251, hash_keys: 50}")
WEIGHTED = (
    EACH, TWO_BACKENDS, "S.balancer={policy: weighted_round_robin, weighted: {blackout: 300ms, update_period: 200ms}}",
    "S.workers=1", "S.queue=1", "S.service_time={exponential: {mean: 30ms}}",
)  # fmt: skip
PREQUAL = (EACH, "S.backends=10", "S.balancer={policy: prequal}", OFTEN,
           "S.service_time={exponential: {mean: 50ms}}")  # fmt: skip
REUSED = (EACH, "S.backends=40", "S.balancer={policy: prequal, prequal: {probes: 2, pool: 4, remove: 0.8}}", OFTEN)
SUBSET = (EACH, FOUR, "S.balancer={subset: {size: 2}}")
SLOW = (EACH, FOUR, "S.balancer={slow_start: {window: 1500ms}}", OFTEN,
        "timeline=[{at: 200ms, unready: {for: 100ms}}]")  # fmt: skip
UNREADY = (EACH, FOUR, "timeline=[{at: 200ms, unready: {backend: all, for: 500ms}}]", "S.balancer={}")
BROKEN = (EACH, "S.backends=6", OFTEN, "S.queue=1", "S.workers=1", "G.timeout=100ms",
          "timeline=[{at: 100ms, die: {backend: 0}}, {at: 150ms, pause: {backend: 1}}]")  # fmt: skip
FAST = "interval: 200ms, base_ejection_time: 300ms, max_ejection_percent: 50"
NO_OTHER = "enforcing_consecutive_5xx: 0, enforcing_success_rate: 0"


def _outliers(key: str, value: str, more: str = "") -> Case:
    settings = ", ".join(filter(None, (FAST, more)))
    given = f"S.balancer={{outlier_detection: {{{settings}}}}}"
    return change(f"S.balancer.outlier_detection.{key}={value}", *BROKEN, given)


GATEWAY = f"{NO_OTHER}, enforcing_consecutive_gateway_failure: 1"
LOCAL = f"{NO_OTHER}, split_external_local_origin_errors: true"
RATES = "enforcing_consecutive_5xx: 0, success_rate_request_volume: 3, success_rate_stdev_factor: 1"
FAILURES = f"{NO_OTHER}, enforcing_failure_percentage: 1, failure_percentage_request_volume: 3"

OUTLIERS: dict[str, Case] = {
    "consecutive_5xx": _outliers("consecutive_5xx", "2"),
    "enforcing_consecutive_5xx": _outliers("enforcing_consecutive_5xx", "0"),
    "consecutive_gateway_failure": _outliers("consecutive_gateway_failure", "2", GATEWAY),
    "enforcing_consecutive_gateway_failure": _outliers("enforcing_consecutive_gateway_failure", "0.1", GATEWAY),
    "split_external_local_origin_errors": _outliers("split_external_local_origin_errors", "true", NO_OTHER),
    "consecutive_local_origin_failure": _outliers("consecutive_local_origin_failure", "2", LOCAL),
    "enforcing_consecutive_local_origin_failure": _outliers("enforcing_consecutive_local_origin_failure", "0", LOCAL),
    "interval": _outliers("interval", "500ms"),
    "base_ejection_time": _outliers("base_ejection_time", "900ms"),
    "max_ejection_time": _outliers("max_ejection_time", "300ms", "max_ejection_time: 10s"),
    "max_ejection_time_jitter": _outliers("max_ejection_time_jitter", "500ms"),
    "max_ejection_percent": _outliers("max_ejection_percent", "20"),
    "always_eject_one_host": change(
        "S.balancer.outlier_detection.always_eject_one_host=true", *BROKEN, "S.balancer={outlier_detection: {}}"
    ),
    "tests_before_ejection": change(
        "S.balancer.outlier_detection.tests_before_ejection=true", *BROKEN, "S.balancer={outlier_detection: {}}"
    ),
    "success_rate_minimum_hosts": _outliers("success_rate_minimum_hosts", "7", RATES),
    "success_rate_request_volume": _outliers("success_rate_request_volume", "100", RATES),
    "success_rate_stdev_factor": _outliers("success_rate_stdev_factor", "9", RATES),
    "enforcing_success_rate": _outliers("enforcing_success_rate", "0", RATES),
    "failure_percentage_threshold": _outliers(
        "failure_percentage_threshold", "1", f"{FAILURES}, failure_percentage_threshold: 100"
    ),
    "failure_percentage_minimum_hosts": _outliers("failure_percentage_minimum_hosts", "7", FAILURES),
    "failure_percentage_request_volume": _outliers("failure_percentage_request_volume", "100", FAILURES),
    "enforcing_failure_percentage": _outliers("enforcing_failure_percentage", "0", FAILURES),
}

BALANCER: dict[str, Case] = {
    "services.*.balancer.policy": change("S.balancer.policy=random", EACH, FOUR),
    "services.*.balancer.weights.[]": change("S.balancer.weights=[1, 3]", EACH, TWO_BACKENDS),
    "services.*.balancer.table_size": change("S.balancer.table_size=31", *MAGLEV),
    "services.*.balancer.hash_keys": change("S.balancer.hash_keys=5", *MAGLEV),
    "services.*.balancer.ring_size": change(
        "S.balancer.ring_size=4", EACH, FOUR, "S.balancer={policy: ring_hash, hash_keys: 50}"
    ),
    "services.*.balancer.choice_count": change(
        "S.balancer.choice_count=4", EACH, FOUR, "S.balancer={policy: least_request}", OFTEN
    ),
    "services.*.balancer.active_request_bias": change(
        "S.balancer.active_request_bias=0", EACH, TWO_BACKENDS, "S.balancer={policy: least_request, weights: [1, 2]}",
        OFTEN,
    ),
    "services.*.balancer.shuffle": change(
        "S.balancer.shuffle=true", EACH, FOUR, "S.balancer={policy: pick_first}", "G.instances=4"
    ),
    "services.*.balancer.decay": change(
        "S.balancer.decay=1ms", EACH, FOUR, "S.balancer={policy: peak_ewma}", PREQUAL[-1]
    ),
    "services.*.balancer.weighted.update_period": change("S.balancer.weighted.update_period=100ms", *WEIGHTED),
    "services.*.balancer.weighted.blackout": change("S.balancer.weighted.blackout=10s", *WEIGHTED),
    "services.*.balancer.weighted.error_penalty": change("S.balancer.weighted.error_penalty=9", *WEIGHTED),
    "services.*.balancer.prequal.pool": change("S.balancer.prequal.pool=3", *PREQUAL),
    "services.*.balancer.prequal.max_age": change("S.balancer.prequal.max_age=5ms", *PREQUAL),
    "services.*.balancer.prequal.probes": change("S.balancer.prequal.probes=1", *PREQUAL),
    "services.*.balancer.prequal.remove": change("S.balancer.prequal.remove=0", *PREQUAL),
    "services.*.balancer.prequal.hot_quantile": change("S.balancer.prequal.hot_quantile=0", *PREQUAL),
    "services.*.balancer.prequal.delta": change("S.balancer.prequal.delta=0", *REUSED),
    "services.*.balancer.subset.size": change("S.balancer.subset.size=1", *SUBSET),
    "services.*.balancer.subset.kind": change("S.balancer.subset.kind=random", *SUBSET, "G.instances=4"),
    "services.*.balancer.slow_start.window": change("S.balancer.slow_start.window=1s", *SLOW),
    "services.*.balancer.slow_start.aggression": change("S.balancer.slow_start.aggression=4", *SLOW),
    "services.*.balancer.slow_start.min_weight": change(
        "S.balancer.slow_start.min_weight=0.9", *SLOW[:2], "S.balancer={slow_start: {window: 20s}}", *SLOW[3:]
    ),
    "services.*.balancer.panic_threshold": change(
        "S.balancer.panic_threshold=0", *UNREADY, "S.balancer.unready=unhealthy"
    ),
    "services.*.balancer.unready": change("S.balancer.unready=unhealthy", *UNREADY, CHURN),
    **{f"services.*.balancer.outlier_detection.{key}": case for key, case in OUTLIERS.items()},
}  # fmt: skip
