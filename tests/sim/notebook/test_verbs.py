"""The library as a notebook uses it: load, change, run, sweep, frames, pictures."""

from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import polars as pl
import pytest
from matplotlib import pyplot

from sim import find, load, run, sweep, tune, wiring
from sim.notebook import Result, change, recall
from sim.study.trial import Model
from sim.units import MS, SECOND, InputError

matplotlib.use("Agg")

SCENARIO = """
name: small
duration: 3s
clients: {gateway: {transport: {max_idle_conns_per_host: 2}}}
services: {orders: {backends: 2, resolve: {dns: rotate}, service_time: {exponential: {mean: 20ms}}}}
workloads: {checkout: {client: gateway, service: orders, arrivals: {poisson: {rate: 100/s}}}}
timeline: [{at: 1s, pause: {backend: 0, for: 500ms}}]
"""
IDLE = "clients.gateway.transport.max_idle_conns_per_host"
RATE = "workloads.checkout.arrivals.poisson.rate"


@pytest.fixture(autouse=True)
def no_figure_stays() -> Any:
    yield
    pyplot.close("all")


@pytest.fixture(scope="module")
def done() -> Result:
    return run(load(SCENARIO))


def a_study(**more: Any) -> dict[str, Any]:
    axes = {"grid": {RATE: ["50/s", "100/s"]}}
    arms = {"two": {}, "many": {"set": {IDLE: 50}}}
    return {"name": "idle", "base": load(SCENARIO), "arms": arms, "axes": axes, "replications": 2, **more}


def test_load_takes_changes_by_key_and_by_path() -> None:
    scenario = load(SCENARIO, set={IDLE: 7}, duration="5s")

    assert scenario.duration == 5 * SECOND
    assert scenario.clients["gateway"].transport.max_idle_conns_per_host == 7


def test_change_leaves_the_given_scenario_as_it_is() -> None:
    scenario = load(SCENARIO)

    changed = change(scenario, {IDLE: 50, "network.rtt": "5ms"})

    assert changed.network.rtt.mean_ns == 5 * MS
    assert scenario.clients["gateway"].transport.max_idle_conns_per_host == 2
    assert change(changed, {IDLE: 2}).clients == scenario.clients


def test_change_without_values_gives_an_equal_scenario() -> None:
    scenario = load("experiments/order-gateway")

    assert change(scenario, {}) == scenario


def test_a_wrong_path_is_one_line_with_the_way_out() -> None:
    with pytest.raises(InputError, match=r"did you mean max_idle_conns_per_host\?") as error:
        change(load(SCENARIO), {"clients.gateway.transport.max_idle_con_per_host": 1})

    assert "\n" not in str(error.value)


def test_a_preset_cannot_fill_the_gaps_of_a_loaded_scenario() -> None:
    with pytest.raises(InputError, match="load"):
        change(load(SCENARIO), {"clients.gateway.transport.preset": "zero_transport"})


def test_a_run_gives_numbers_and_frames(done: Result) -> None:
    assert done.summary["n_requests"] == done.requests.height > 200
    assert done.connections.height == done.summary["dials_ok"]
    assert done.samples["t"].to_list()[:2] == [0.0, 0.1]
    assert done.events["event"].len() == 2
    assert not done.is_partial


def test_the_same_seed_gives_the_same_run_and_another_seed_another(done: Result) -> None:
    assert run(load(SCENARIO)).manifest["fingerprint"] == done.manifest["fingerprint"]
    assert run(load(SCENARIO), 2).manifest["fingerprint"] != done.manifest["fingerprint"]


def test_a_run_says_its_answer_as_text_and_as_html(done: Result) -> None:
    assert repr(done).startswith("small: ")
    assert "<b>small: " in done._repr_html_()
    assert "dials per request" in done._repr_html_()


@pytest.fixture(scope="module")
def to_one_backend() -> Result:
    return run(load(SCENARIO, set={"services.orders.backends": 1}))


def test_plots_are_axes_on_figures_that_pyplot_knows(done: Result, to_one_backend: Result) -> None:
    (timeline,) = done.plot("inflight", "pool_idle")
    limit, latency, shares = to_one_backend.plot.against_limit(), done.plot.latency(), done.plot.shares()

    assert [len(timeline.lines) >= 2, timeline.get_xlabel()] == [True, "time since start (s)"]
    assert "local ports" in limit.get_title(loc="left")
    assert latency.get_ylabel() == "time taken (ms)"
    assert shares.get_xlabel() == "share (%)"
    assert len(pyplot.get_fignums()) == 4


def test_an_event_after_the_end_is_not_drawn() -> None:
    late = SCENARIO.replace("timeline: [", "timeline: [{at: 50s, die: {backend: 1}}, ")

    (ax,) = run(load(late)).plot("inflight")

    texts = [text.get_text() for text in ax.texts]
    assert any("pause" in text for text in texts)
    assert not any("die" in text for text in texts)


def test_the_sum_over_several_ranges_is_not_drawn_against_the_limit_of_one(done: Result) -> None:
    with pytest.raises(InputError, match="each client and destination has 28,232 local ports of its own; name columns"):
        done.plot.against_limit()


def test_columns_are_drawn_against_a_limit_that_is_given(done: Result) -> None:
    ax = done.plot.against_limit("c_time_wait", "c_estab", limit=10, name="what the firewall tracks")

    drawn = [np.asarray(line.get_ydata()).tolist() for line in ax.lines]
    assert [10, 10] in drawn
    assert done.samples["c_time_wait"].to_list() in drawn


def test_an_unknown_column_is_an_input_error(done: Result) -> None:
    with pytest.raises(InputError, match=r"did you mean c_time_wait\?"):
        done.plot("c_timewait")


def test_an_interrupted_run_returns_what_was_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.notebook.verbs.progress", _interrupting)

    cut = run(load(SCENARIO))

    assert cut.is_partial
    assert "interrupted" in repr(cut)


class _interrupting:
    """A progress bar whose owner presses the stop button in the middle of the run."""

    def __init__(self, _: str) -> None:
        pass

    def __enter__(self) -> Any:
        return self._show

    def __exit__(self, *_: object) -> None:
        pass

    def _show(self, done: float, total: float) -> None:
        if done > total / 2:
            raise KeyboardInterrupt


def test_a_study_written_in_python_is_swept_into_frames(tmp_path: Path) -> None:
    claim = {"id": "A", "statement": "more idle, fewer dials", "metric": "dials_per_request", "arm": "many",
             "at": {"rate": "100/s"}, "op": "<", "value": 0.5, "expect": "SUPPORTED"}  # fmt: skip

    found = sweep(a_study(claims=[claim]), out=tmp_path, workers=1)

    assert found.frame.height == 2 * 2 * 2
    assert found.table.filter(metric="dials_ok", arm="many").height == 2
    assert found.claims["verdict"].to_list() == ["SUPPORTED"]
    assert found.claims["p"][0] < 0.05
    assert found.warmup.columns == ["arm", "rate", "stated", "mser", "replications", "shift", "p", "is_enough"]
    assert found.warmup["replications"].to_list() == [2] * 4
    assert "1 of 1 claims" in repr(found)
    assert "more idle, fewer dials" in found._repr_html_()


def test_a_sweep_draws_a_metric_along_its_axis_and_per_arm(tmp_path: Path) -> None:
    found = sweep(a_study(), out=tmp_path, workers=1)

    line, bars = found.plot("dials_ok"), found.plot("lat_p99", chart="bars", at={"rate": "100/s"}, title="who waits")

    assert line.get_xlabel().startswith("rate (/s)")
    assert bars.get_title(loc="left") == "who waits"
    with pytest.raises(InputError, match=r"no trial has dial_ok; did you mean dials_ok\?$"):
        found.plot("dial_ok")
    with pytest.raises(InputError, match="there is no chart lines; known here: line, bars"):
        found.plot("dials_ok", chart="lines")  # type: ignore[arg-type]  # what a notebook's user may type


def test_recall_makes_no_folder_and_refuses_one_without_results(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no results of a study; sweep makes some"):
        recall(a_study(), out=tmp_path / "none")

    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("given", "message"), [({"seed": -1}, "seed: -1 is below 0"), ({"workers": 0}, "workers 0: is")]
)
def test_a_wrong_number_is_refused_before_anything_runs(tmp_path: Path, given: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        sweep(a_study(), out=tmp_path, **given)


def test_an_interrupted_sweep_returns_the_trials_that_were_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []

    def interrupted(*trial: Any) -> Any:
        calls.append(1)
        if len(calls) > 3:
            raise KeyboardInterrupt
        return wiring.run_trial(*trial)

    whole = Model(run=interrupted, version="1")
    monkeypatch.setattr("sim.cli.study_file.model_of", lambda _: whole)

    cut = sweep(a_study(), out=tmp_path, workers=1)

    assert cut.is_partial
    assert cut.frame.filter(pl.col("error") == "").height == 3
    assert "3 of 8 trials are done" in repr(cut)
    assert recall(a_study(), out=tmp_path).frame.equals(cut.frame)


def test_a_study_file_takes_changes_of_itself_and_of_its_base(tmp_path: Path) -> None:
    rates = {"workloads.checkout.arrivals.constant.rate": ["20/s"]}
    changes = {"replications": 1, "axes.grid": rates, "claims": [], "pictures": [], "keep": "summary", "duration": "1s"}

    found = sweep("experiments/port-exhaustion", set=changes, out=tmp_path, workers=1)

    assert found.frame["n_requests"].to_list() == [20] * 4


def test_a_search_gives_frames_the_best_settings_and_pictures(tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    searched = {"over": {IDLE: [1, 40]}, "minimise": "dials_per_request", "trials": 4, "replications": 1, "compare": 2}
    study = {"base": load(SCENARIO, duration="1s"), "tune": searched}

    found = tune(study, out=tmp_path, workers=1)

    assert found.best is not None
    assert load(SCENARIO, set=found.best).clients["gateway"].transport.max_idle_conns_per_host == found.best[IDLE]
    assert found.frame["name"].to_list()[-1] == "base"
    assert found.frame["cost"].to_list()[0] == min(found.frame["cost"].to_list()[:-1])
    assert found.history.height == 4
    assert found.plot("search").get_ylabel() == "cost"
    assert "cost" in found._repr_html_()
    with pytest.raises(InputError, match="there is no picture lines; known here: finalists, search"):
        found.plot("lines")  # type: ignore[arg-type]  # what a notebook's user may type


def test_the_indices_of_a_sample_are_a_frame(tmp_path: Path) -> None:
    sample = {"ranges": {IDLE: [1, 40]}, "metrics": ["dials_per_request"]}
    study = {"base": load(SCENARIO, duration="1s"), "axes": {"tornado": sample}}

    found = sweep(study, out=tmp_path, workers=1).indices

    assert found.columns == ["arm", "metric", "axis", "other", "index", "value", "low", "high"]
    assert found["index"].to_list() == ["base", "change", "change"]
    assert found["value"].to_list()[1] > 0 > found["value"].to_list()[2], "fewer idle connections, more dials"


def test_find_gives_the_bracket_the_looks_and_a_picture(tmp_path: Path) -> None:
    study = {"name": "busy", "base": load(SCENARIO, duration="1s", set={"timeline": []})}

    found = find(
        study, "inflight_max > 5", along=RATE, between=("10/s", "910/s"), within="300/s", confidence=0.8, most=4,
        out=tmp_path, workers=1,
    )  # fmt: skip

    good, bad = found.bracket
    assert good is not None
    assert bad is not None
    assert good < bad
    assert found.frame.columns == ["arm", "rate", "n", "bad", "share"]
    assert "inflight_max > 5" in found.plot().get_title(loc="left")
    assert "inflight_max > 5 begins between" in repr(found)
