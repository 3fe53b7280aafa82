# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#       jupytext_version: 1.19.6
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # First steps: a gateway, one knob, and the ports that run out
#
# A gateway in Go calls a service of three backends. How many connections does it dial, who waits, and which setting
# changes that? We load a scenario, run it, look at its tables, change one knob and look again. At the end stands a
# question with a number for an answer: how many new connections per second does one destination bear?
#
# Everything here runs in about a minute.

# %%
from pathlib import Path

import polars as pl

from sim import load, run, sweep
from sim.notebook import change, recall

ROOT = next(folder for folder in [Path.cwd(), *Path.cwd().parents] if (folder / "experiments").is_dir())

# %% [markdown]
# ## Load and run
#
# A scenario is a YAML file in the words of your dashboards. What it leaves out takes the defaults of Go and Linux.
# `load` takes changes of its own keys by name and of everything below by path. Here we keep 45 of its 120 seconds, and
# speak plain http. The backend called 0 pauses for two seconds at 30 s.

# %%
scenario = load(ROOT / "experiments/order-gateway", duration="45s", warmup="5s", set={"services.orders.scheme": "http"})
two_idle = run(scenario, seed=1)
two_idle

# %% [markdown]
# The first line is the answer: how many requests, how many failed, how slow the slowest hundredth was. Look at
# *dials per request*: more than one request in three dialed. The pool keeps two idle connections per host (Go's
# default, `DefaultMaxIdleConnsPerHost`), and a connection that comes back to a full pool is closed.
#
# The same seed gives the same run, on any machine. Every metric is in `summary`:

# %%
{name: two_idle.summary[name] for name in ("n_requests", "dials_ok", "dials_per_request", "lat_p50", "lat_p99")}

# %% [markdown]
# ## Look at the tables
#
# `requests`, `connections`, `samples` and `events` are polars frames, times in seconds from the start.
# `.to_pandas()` gives pandas' where pandas is installed. The columns of `requests` are named after the hooks of Go's
# `httptrace`.

# %%
two_idle.requests.select("id", "t_arrival", "t_gotconn", "reused", "t_done", "status", "err", "backend").head(5)

# %% [markdown]
# A request that finds no idle connection starts a dial *and* waits for one that comes back; the first to arrive wins.
# So there are three ways to a connection: it lay idle, somebody returned it, or the request's own dial was first.

# %%
warm = two_idle.requests.filter(pl.col("t_arrival") >= 5, pl.col("err") == "")
way = pl.when("was_idle").then(pl.lit("idle")).when("reused").then(pl.lit("returned")).otherwise(pl.lit("own dial"))
warm.group_by(way.alias("way")).agg(
    requests=pl.len(),
    wait_for_connection_ms=1e3 * (pl.col("t_gotconn") - pl.col("t_getconn")).mean(),
    latency_p50_ms=1e3 * (pl.col("t_done") - pl.col("t_arrival")).median(),
).sort("requests", descending=True)

# %% [markdown]
# Most dials are surplus: by the time they are through, their request has been served by a returned connection. The
# fresh one goes to whoever waits, or to the idle list, or is closed at once.

# %% [markdown]
# ## Draw it
#
# `plot` draws columns of the samples over time. During the pause requests pile up, though not by a third of the 1,200
# that come each second: who is served by an idle or returned connection gets one to a healthy backend, and only of the
# new dials does a third end at the one that pauses. When it resumes, it works off what waited there.

# %%
two_idle.plot("inflight", "dialing")

# %% [markdown]
# Each connection that the gateway closes holds its local port for a minute of TIME_WAIT. Here is their number against
# the ephemeral ports of one destination; the gateway has three destinations, so this is not yet the end.

# %%
two_idle.plot.against_limit("c_time_wait", "c_estab", limit=28_232, name="ephemeral ports of one destination")

# %%
two_idle.plot.latency()

# %% [markdown]
# ## Change one knob
#
# `change` returns another scenario; the first one stays as it is. Both see the same customers: arrivals and
# service times come from streams of random numbers that the knob does not touch.

# %%
many_idle = run(change(scenario, {"clients.gateway.transport.max_idle_conns_per_host": 100}), seed=1)
many_idle

# %%
pl.DataFrame(
    [
        {"max_idle_conns_per_host": idle, **{name: done.summary[name] for name in ("dials_ok", "lat_p50", "lat_p99")}}
        for idle, done in ((2, two_idle), (100, many_idle))
    ]
)

# %% [markdown]
# With room for a hundred idle connections the gateway dials only when more requests are under way than ever before, and
# TIME_WAIT disappears with the dials. The pause hardly shows, either: a connection to the paused backend does not come
# back, so nobody gets it, while every new dial of the small pool had a chance of one in three to end there.

# %%
many_idle.plot("c_estab", "pool_idle", "c_time_wait")

# %% [markdown]
# ## Ask a question: when do the ports run out?
#
# A study runs a scenario at several points, under several arms. `experiments/port-exhaustion` asks how many new
# connections per second one destination bears. If somebody has swept it already (`make demo`), its store has the
# results, and `recall` reads them without running anything. If not, a thinned version of it does: two arms, four
# rates, one replication. A sweep resumes: executing this cell again runs nothing.

# %%
STUDY = ROOT / "experiments/port-exhaustion"
STORE = ROOT / "out/port-exhaustion"

rates = ["300/s", "400/s", "450/s", "480/s"]
thinned = {
    "arms": {"client_closes": {}, "server_closes": {"set": {"services.orders.disable_keep_alives": True}}},
    "axes.grid": {"workloads.checkout.arrivals.constant.rate": rates},
    "replications": 1,
    "claims": [],
    "pictures": [],
}
found = recall(STUDY, out=STORE) if (STORE / "results.sqlite").is_file() else None
if found is None or found.is_partial:
    found = sweep(STUDY, set=thinned, out=ROOT / "out/port-exhaustion-thinned")
found

# %% [markdown]
# The share of failed requests against the rate: nothing fails up to about 455 new connections per second, and above
# it `connect` finds no port (`cannot assign requested address`). When the *server* closes first, TIME_WAIT lies on
# its side, where it holds no ephemeral port, and the limit is gone.

# %%
found.plot("error_ratio", title="One destination bears about 455 new connections per second, not more")

# %% [markdown]
# Why a minute and not at once: TIME_WAIT fills up with 480 entries per second until all 28,232 ports are held. From
# then on ports come back in batches, every 2 s, as the kernel's timer wheel turns.

# %%
found.plot("c_time_wait", chart="timeline", at={"rate": "480/s"}, title="At 480/s the ports last for a minute")

# %% [markdown]
# `table` has the mean of each metric with the ends of its interval, `frame` a row per trial. Here are the means of one
# arm; `first_err_t` is the second of the first error, -1 where there was none.

# %%
asked = ["error_ratio", "c_TW_max", "first_err_t"]
closes = found.table.filter(pl.col("arm") == "client_closes", pl.col("metric").is_in(asked))
closes.pivot(on="metric", index="rate", values="mean")

# %% [markdown]
# ## Where to go from here
#
# - `load(text)` takes a YAML text as well, `run(..., out="out/mine")` writes the run's folder; `sim run` and
#   `sim sweep` do the same from a shell and write a report.
# - A mapping is a study, too: `sweep({"base": scenario, "arms": {...}, "axes": {...}, "replications": 5})`.
# - Stop a cell when it takes too long: you get what was done until then, marked partial.
