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
# # Protection: a slow dependency, a breaker, and a storm that outlives its cause
#
# A shop asks a service that becomes slow for a while. What do its callers see, what does a circuit breaker change, and
# what do retries? At the end stands a system that works, that nothing is wrong with any more, and that answers nobody.
#
# Everything here runs in about a minute.

# %%
from pathlib import Path

import polars as pl

from sim import load, run, sweep
from sim.notebook import change

ROOT = next(folder for folder in [Path.cwd(), *Path.cwd().parents] if (folder / "experiments").is_dir())

# %% [markdown]
# ## A slow dependency
#
# Sixteen workers answer in 40 ms in the mean, 400 times a second at most; 200 calls a second come. From 10 to 20 s
# everything takes ten times as long, so that they can do 40 a second. The shop gives up after a second.

# %%
slow = load(
    """
    name: slow-dependency
    duration: 40s
    network: {rtt: 1ms}
    clients:
      shop:
        timeout: 1s
        transport: {max_idle_conns: 0, max_idle_conns_per_host: 1000}
    services:
      stock: {workers: 16, service_time: {exponential: {mean: 40ms}}}
    workloads:
      orders: {client: shop, service: stock, arrivals: {poisson: {rate: 200/s}}}
    timeline:
      - {at: 10s, slow: {backend: all, factor: 10, for: 10s}}
    """
)
bare = run(slow, seed=1)
bare

# %% [markdown]
# Those who come while it is slow wait in a queue that nobody leaves: what was given up is served all the same, with
# nobody there to read the answer. So the trouble does not end at 20 s. In flight are the calls that somebody waits for,
# about 200; `srv_goroutines` has the requests that are at the service besides its connections, and they pile up.

# %%
bare.plot("srv_goroutines", "inflight")

# %%
answered = pl.col("status") == 200


def by_seconds(done, every=5):
    """Of each span of so many seconds the share of calls that were answered, and how long they took."""
    second = (pl.col("t_arrival") // every * every).cast(pl.Int64).alias("from_s")
    took = 1e3 * (pl.col("t_done") - pl.col("t_arrival"))
    return (
        done.requests.group_by(second).agg(answered.mean().round(3), took.median().round(0).alias("ms")).sort("from_s")
    )


by_seconds(bare)

# %% [markdown]
# ## A circuit breaker
#
# A breaker is a list entry of the client. `guards` has those of Hystrix, resilience4j, Sentinel, gobreaker and Envoy,
# each as its library behaves; here resilience4j's, which counts calls above 200 ms as slow and opens for 5 s when half
# of the last hundred were.

# %%
breaker = {
    "resilience4j": {
        "slow_call_duration_threshold": "200ms",
        "slow_call_rate_threshold": 50,
        "wait_duration_in_open_state": "5s",
    }
}
guarded = run(change(slow, {"clients.shop.guards": [breaker]}), seed=1)
guarded

# %% [markdown]
# It cannot make the service faster. What it does: callers are told at once instead of after a second, and the queue is
# no longer than what came before the breaker opened, so that the service is free soon after it is fast again. The
# breaker itself is a level over time: open, or probing.

# %%
guarded.plot("open_g0", "half_open_g0")

# %%
by_seconds(bare).join(by_seconds(guarded), on="from_s", suffix="_guarded")

# %%
{
    name: guarded.summary[f"guard.g0.{name}"]
    for name in ("asked", "refused", "opened", "probes", "first_open_t", "last_closed_t", "open_s")
}

# %% [markdown]
# ## Hystrix gives up by itself
#
# A Hystrix command has a time-out of its own, a second unless it is told otherwise, and counts what it gives up as
# failures; a limit of its threads refuses what comes too fast. With 300 ms it sees the trouble as time-outs:

# %%
command = {"hystrix": {"timeout": "300ms", "isolation": {"thread": {"core_size": 32}}}}
by_hystrix = run(change(slow, {"clients.shop.guards": [command]}), seed=1)
{name: by_hystrix.summary.get(f"guard.g0.{name}", 0) for name in ("timed_out", "refused", "opened", "first_open_t")}

# %% [markdown]
# ## Retries, and a storm
#
# Now the service stops for 4 s and goes on as before, and the shop tries again, up to twice, what timed out. One server
# does a hundred requests a second; sixty calls come.

# %%
storm = load(
    """
    name: storm
    duration: 60s
    network: {rtt: 0s}
    clients:
      shop:
        timeout: 1s
        kernel: {connect_scan_cost: 0s, ip_local_port_range: [1024, 65535]}
        transport: {max_idle_conns: 0, max_idle_conns_per_host: 1000}
        retry: {retries: 2, on: [timeout], backoff: {base: 0s}}
    services:
      stock: {resolve: literal, workers: 1, service_time: {exponential: {mean: 10ms}}}
    workloads:
      orders: {client: shop, service: stock, arrivals: {poisson: {rate: 60/s}}}
    timeline:
      - {at: 10s, pause: {for: 4s}}
    """
)
stuck = run(storm, seed=1)
stuck

# %% [markdown]
# The cause was over at 14 s. But each call is three requests now, 180 a second where 100 can be done, so the queue
# grows for ever and everybody waits longer than a second for an answer: the retries keep alive what they were made
# against. That is *metastable*: nothing is wrong with the system but its own load.

# %%
stuck.plot("srv_goroutines", "inflight")

# %%
{name: round(stuck.summary[name], 3) for name in ("tries_per_call", "goodput_before", "goodput_after", "recovered")}

# %% [markdown]
# Without retries the same stop is forgotten, and with a budget for them too: retries for at most a fifth of the calls
# are 72 requests a second, which can be done.

# %%
cures = {
    "as it is": {},
    "no retries": {"clients.shop.retry.retries": 0},
    "a budget of 20 %": {"clients.shop.retry.budget": {"share": {"share": 0.2, "reserve": 0}}},
    "a queue of 50": {"services.stock.queue": 50},
    "waits of 5 s": {"clients.shop.retry.backoff": {"base": "10s", "cap": "10s", "multiplier": 1}},
}
ends = {name: run(change(storm, knobs), seed=1).summary for name, knobs in cures.items()}
pl.DataFrame(
    [
        {"cure": name, **{key: round(summary[key], 2) for key in ("tries_per_call", "goodput_after", "recovered")}}
        for name, summary in ends.items()
    ]
)

# %% [markdown]
# Longer waits move the load and take none away. What helps is less work: fewer tries, or a queue so short that whoever
# is served is still there.

# %% [markdown]
# ## Which loads are vulnerable?
#
# A load at which a stop of some length sticks is *vulnerable*; one that forgets every stop is *stable*. By arithmetic
# the border lies at 100 / (1 + 2) = 33 calls a second. A study asks at three loads and two stops, and `stability` says
# which axis is the size of the trigger.

# %%
found = sweep(
    {
        "name": "vulnerable",
        "base": change(storm, {"duration": "50s"}),
        "axes": {
            "grid": {
                "workloads.orders.arrivals.poisson.rate": ["25/s", "45/s", "70/s"],
                "timeline.0.pause.for": ["500ms", "5s"],
            }
        },
        "replications": 2,
        "stability": {"metric": "recovered", "along": "for"},
    },
    out=ROOT / "out/vulnerable",
    workers=1,
)
found.stability

# %%
found.plot("ok_share_after", chart="heatmap", title="Above 33 calls a second a stop of seconds is never over")

# %% [markdown]
# ## Where to go from here
#
# - `docs/guide/protection.md` has every guard, retries with the habits of Envoy, gRPC, AWS and Finagle, and waits that
#   a service asks for; `docs/guide/metastable.md` four more feedbacks than retries.
# - `experiments/protection-compared` sets every breaker and limiter against the same troubles.
