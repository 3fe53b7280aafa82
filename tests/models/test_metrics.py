"""The quantities of a summary, on a run small enough to count by hand."""

from typing import Any

import polars as pl
import pytest

from models import metrics
from models.windows import WINDOWS
from sim.analysis.metric import Run, evaluate
from sim.records.metric import Declarations

# ten requests, one a second from 0.5 s on, in a run of 10 s over three backends
ARRIVALS = [0.5 + i for i in range(10)]
ERRORS = ["", "", "", "EOF", "", "lab-end", "", "EOF", "", ""]
STATUS = [200, 200, 200, None, 200, None, 503, None, 200, 200]


def a_run(*, warmup: float = 0.0, **columns: list[Any]) -> Run:
    numbers = {"duration": 10.0, "warmup": warmup, "backends": 3}
    tables = {"requests": requests(**columns), "connections": connections(), "samples": samples()}
    return Run(tables, {"client.TcpExt.TW": 12}, numbers)


def requests(**columns: list[Any]) -> pl.DataFrame:
    table: dict[str, list[Any]] = {
        "t_arrival": ARRIVALS,
        "t_getconn": ARRIVALS,
        "t_gotconn": [t + 0.01 for t in ARRIVALS[:9]] + [None],
        "t_conn_start": [0.5, None, 2.5, *[None] * 7],
        "t_conn_done": [0.502, None, 2.502, *[None] * 7],
        "t_tls_start": [0.502, *[None] * 9],
        "t_tls_done": [0.506, *[None] * 9],
        "t_done": [t + 0.1 * (i + 1) for i, t in enumerate(ARRIVALS)],
        "reused": [False, True, True, False, True, True, True, False, True, None],
        "status": STATUS,
        "err": ERRORS,
        "backend": [0, 0, 1, -1, 0, -1, 0, -1, 0, 1],
        "attempts": [1, 1, 1, 1, 1, 1, 1, 2, 1, 0],
    }
    types = {"t_tls_start": pl.Float64, "t_tls_done": pl.Float64, "status": pl.Int16}
    return pl.DataFrame(table | columns, schema_overrides=types)


def connections() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "client": ["gateway"] * 4,
            "t_dial": [0.5, 2.5, 6.0, 8.0],
            "t_connected": [0.501, 2.503, 6.002, None],
            "lport": [30000, 30002, 30000, 0],
            "remote": ["10.0.0.1:80", "10.0.0.1:80", "10.0.0.1:80", "10.0.0.2:80"],
            "nreq": [5, 0, 4, 0],
            "t_close": [3.0, 9.0, None, None],
            "read_err": ["EOF", "", "", "dial: connection refused"],
        }
    )


def samples() -> pl.DataFrame:
    t = [i / 10 for i in range(121)]
    client = [f"c_{state}" for state in ("estab", "syn_sent", "fin_wait2", "time_wait", "estab_b0", "estab_b1")]
    server = [f"s_{state}" for state in ("estab", "syn_recv", "time_wait", "close_wait", "last_ack")]
    pool = [
        "goroutines",
        "goroutines_read_loop_body_unread",
        "srv_goroutines",
        "inflight",
        "open_conns",
        "pool_idle",
        "conns_per_host_wait",
    ]
    levels = {column: [0] * 121 for column in (*client, *server, *pool)}
    # one TIME_WAIT at 2 s, two from 8 s on
    levels["c_time_wait"] = [2 if now >= 8 else int(now >= 2) for now in t]
    return pl.DataFrame({"t": t} | levels)


def summary(declared: Declarations | None = None, **run: Any) -> dict[str, float | int]:
    return evaluate(declared or metrics.RUN_METRICS, a_run(**run))


def test_a_whole_run_has_every_metric_that_is_declared() -> None:
    errors = ["", "", "", "EOF", "", "i/o timeout", "", "EOF", "", ""]

    run = a_run(err=errors)
    windows = pl.DataFrame({"t": [float(k) for k in range(12)], **{name: [1.0] * 12 for name in WINDOWS}})
    tables = {**run.tables, "windows": windows}
    found = evaluate(metrics.RUN_METRICS, Run(tables, run.counters, {**run.numbers, "duration": 12.0}))

    declared = metrics.RUN_METRICS.keys() - metrics.CERTAINTY.keys()  # ten requests are no long run
    missing = [name for name in declared if "{}" not in name and name not in found]
    assert not missing, f"declared over columns that the tables do not have: {missing}"


def test_a_recording_has_every_metric_that_is_declared_for_recordings() -> None:
    run = a_run(attempts=[1, 1, 2, 1, 1, 1, 1, 2, 1, 1], reused=[False, True] * 5)
    run = Run(run.tables, run.counters, {**run.numbers, "duration": 130.0})

    found = evaluate(metrics.RECORDED_METRICS, run)

    # nobody is there after 10 s, so the levels from 10 s on are those of the tail
    assert [name for name in metrics.RECORDED_METRICS if "{}" not in name and name not in found] == []


def test_a_request_is_ok_without_an_error_and_with_status_200() -> None:
    found = summary()

    assert (found["n_requests"], found["n_ok"], found["n_err"]) == (10, 6, 4)
    assert (found["err:EOF"], found["err:lab-end"], found["status:503"]) == (2, 1, 1)
    assert found["error_ratio"] == 0.4


def test_latency_is_from_arrival_to_the_end_and_of_ok_requests_alone() -> None:
    found = summary()

    # ok are the requests 0, 1, 2, 4, 8 and 9, with 0.1, 0.2, 0.3, 0.5, 0.9 and 1.0 s
    assert found["lat_p50"] == pytest.approx(0.5)
    assert found["lat_p90"] == found["lat_max"] == pytest.approx(1.0)
    assert found["lat_mean"] == pytest.approx(0.5)
    assert found["err_latency_p50"] == pytest.approx(0.7)


def test_warm_up_leaves_latencies_and_ratios_out_and_counts_in() -> None:
    cold, warm = summary(), summary(warmup=4.0)

    assert warm["lat_p50"] == pytest.approx(0.9)
    assert warm["error_ratio"] == pytest.approx(3 / 6)
    assert warm["dials_per_request"] == pytest.approx(1 / 6)
    # ended between 4 and 10 s: the requests 4 and 8; 9 ends at 10.5 s
    assert warm["throughput"] == pytest.approx(2 / 6)
    assert {name: warm[name] for name in metrics.COUNTS if name in warm} == {
        name: cold[name] for name in metrics.COUNTS if name in cold
    }


def test_a_dial_that_failed_got_no_port_and_counts_apart() -> None:
    found = summary()

    assert (found["dials_ok"], found["dial_errors"], found["conns_never_used"]) == (3, 1, 1)
    assert found["dials_per_request"] == 0.3
    assert found["connect_max"] == pytest.approx(0.003)
    assert found["conn_read_err:EOF"] == 1
    assert "conn_read_err:dial: connection refused" not in found


def test_a_port_rests_from_the_clients_close_to_its_next_connection_to_the_same_remote() -> None:
    found = summary()

    assert found["distinct_ports"] == 2
    assert found["port_reuse_gap_min"] == found["port_reuse_gap_p50"] == pytest.approx(3.002)


def test_reuse_is_a_share_of_the_requests_that_got_a_connection() -> None:
    found = summary()

    assert found["reused_ratio"] == pytest.approx(6 / 9)
    assert found["requests_with_dial_but_other_conn"] == 1
    assert found["conn_wait_mean"] == pytest.approx(0.01)
    assert found["retried_requests"] == 1


def test_a_backend_without_load_has_a_share_of_0_and_counts_in_the_balance() -> None:
    found = summary()

    shares = [found[f"share_b{k}"] for k in range(3)]
    assert shares == pytest.approx([4 / 6, 2 / 6, 0])
    assert found["load_max_over_mean"] == pytest.approx(2.0)
    assert found["load_cv"] == pytest.approx((8 / 3) ** 0.5 / 2)


def test_the_first_error_and_the_last_success_have_instants() -> None:
    found = summary()

    assert found["first_err_t"] == 3.5
    assert found["last_ok_t"] == pytest.approx(10.5)


def test_what_never_happened_has_the_instant_minus_1_and_no_quantile() -> None:
    never_wrong = summary(err=[""] * 10, status=[200] * 10)
    never_right = summary(err=["EOF"] * 10)

    assert never_wrong["first_err_t"] == -1
    assert never_right["last_ok_t"] == -1
    assert "err_latency_p50" not in never_wrong
    assert "lat_p99" not in never_right


def test_levels_are_means_over_the_last_third_and_largest_samples() -> None:
    found = summary()

    # 6.667 <= t < 10: 13 samples of 1 and 20 of 2
    assert found["c_TW_mean_last_third"] == pytest.approx(53 / 33)
    assert (found["c_TW_max"], found["s_TW_max"]) == (2, 0)
    assert (found["c_TW_first_t"], found["c_TW_last_t"], found["s_TW_first_t"]) == (2.0, 12.0, -1)


def test_kernel_counters_keep_their_names() -> None:
    assert summary()["client.TcpExt.TW"] == 12
    assert summary(metrics.counter_metrics("client.Tcp.OutRsts")) == {"client.Tcp.OutRsts": 0}


def test_a_fault_is_judged_by_the_requests_of_its_time_and_from_5_s_after_it() -> None:
    found = summary(metrics.window_metrics(1.0, 4.0))

    # during: 1, 2 ok, 3 failed; after 9 s: request 9
    assert found["ok_frac_during"] == pytest.approx(2 / 3)
    assert found["lat_max_during"] == pytest.approx(0.3)
    assert found["ok_frac_after"] == 1.0
    assert found["lat_p50_after"] == pytest.approx(1.0)


def test_quantities_of_an_interval_are_named_after_it() -> None:
    found = summary(metrics.interval_metrics(0, 5))

    assert found["err_0_5"] == 1
    assert found["dials_0_5"] == 2
    assert found["lat_max_0_5"] == pytest.approx(0.5)
    assert found["throughput_0_5"] == pytest.approx(3 / 5), "the one that ends at 5.0 s is outside"
    assert [found[f"share_b{k}_0_5"] for k in range(3)] == [0.75, 0.25, 0.0]


def test_levels_of_an_instant_are_named_after_it() -> None:
    assert summary(metrics.instant_metrics(8.0))["c_TW_t8"] == 2
    assert summary(metrics.instant_metrics(1.9))["c_TW_t1.9"] == 0


def test_a_backend_that_came_back_serves_again_or_never() -> None:
    assert summary(metrics.revival_metrics(backend=1, at=5.0)) == {"first_ok_on_revived_backend_t": 10.5}
    assert summary(metrics.revival_metrics(backend=2, at=5.0)) == {"first_ok_on_revived_backend_t": -1}


def test_dials_are_counted_by_the_seconds_that_they_took() -> None:
    found = summary(metrics.connect_metrics(0, 3)) | summary(metrics.connect_step_metrics(2))

    assert (found["connects_~0s"], found["connects_~1s"], found["connects_~2s"]) == (2, 0, 0)
    assert found["connect_max"] == pytest.approx(0.003)


def test_connections_are_ranked_by_the_requests_that_they_carried() -> None:
    assert summary(metrics.busiest_metrics(2)) == {"nreq_conn#2": 4}
    assert summary(metrics.busiest_metrics(99)) == {"nreq_conn#99": 0}, "that many were not there"


def test_a_run_without_tables_still_has_its_counters() -> None:
    run = Run({}, {"client.TcpExt.TW": 12}, {"duration": 10.0, "warmup": 0.0})

    assert evaluate(metrics.RUN_METRICS, run)["client.TcpExt.TW"] == 12
