"""Queues whose answers are known in closed form: what a simulation of them must agree with. It simulates nothing.

Rates are per second and times in seconds (any one unit does); `offered load` is arrival rate times mean service time,
in erlangs, and waiting excludes service. Arrivals are Poisson and customers are served first come, first served by
equal servers, unless a function says otherwise. All describe the steady state.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray


def little(rate: float, time: float) -> float:
    """Mean number in a system that customers enter at `rate` and leave after `time` on average.

    References
    ----------
    Little, A Proof for the Queuing Formula L = λW, Operations Research 9 (1961).

    Examples
    --------
    >>> little(rate=20, time=61)
    1220
    """
    return rate * time


def erlang_b(servers: int, load: float) -> float:
    """Share of customers that are lost where nobody can wait (M/G/c/c), whatever the service times' distribution.

    Notes
    -----
    The recursion 1/B(c) = 1 + c / (a B(c - 1)) from B(0) = 1 is exact and does not overflow, as factorials would.

    References
    ----------
    Erlang, Solution of Some Problems in the Theory of Probabilities of Significance in Automatic Telephone
    Exchanges (1917); Jagerman, Some Properties of the Erlang Loss Function, BSTJ 53 (1974), for the recursion.

    Examples
    --------
    >>> erlang_b(servers=1, load=1.0)
    0.5
    """
    _refuse_below(servers, 1, "servers")
    blocked = 1.0
    for n in range(1, servers + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


def erlang_c(servers: int, load: float) -> float:
    """Share of customers that have to wait in M/M/c with a queue without limit; `load` must lie below `servers`.

    References
    ----------
    Erlang (1917), as above; Gross, Shortle, Thompson and Harris, Fundamentals of Queueing Theory, 4th ed., 2.3.

    Examples
    --------
    >>> round(erlang_c(servers=2, load=1.0), 12)
    0.333333333333
    """
    _refuse_unstable(servers, load)
    blocked = erlang_b(servers, load)
    return blocked / (1 - load / servers * (1 - blocked))


def mm1_wait(arrival_rate: float, service_mean: float) -> float:
    """Mean waiting time in M/M/1: exponential services, one server, load below 1.

    References
    ----------
    Gross et al., 2.2: Wq = ρ / (μ - λ).

    Examples
    --------
    >>> mm1_wait(arrival_rate=0.5, service_mean=1.0)
    1.0
    """
    load = arrival_rate * service_mean
    _refuse_unstable(1, load)
    return load * service_mean / (1 - load)


def mmc_wait(arrival_rate: float, service_mean: float, servers: int) -> float:
    """Mean waiting time in M/M/c: Erlang's C customers wait, each 1 / (cμ - λ) on average.

    Examples
    --------
    >>> mmc_wait(0.5, 1.0, servers=1) == mm1_wait(0.5, 1.0)
    True
    """
    load = arrival_rate * service_mean
    return erlang_c(servers, load) * service_mean / (servers - load)


def mg1_wait(arrival_rate: float, service_mean: float, service_scv: float) -> float:
    """Mean waiting time in M/G/1, after Pollaczek and Khinchine.

    Parameters
    ----------
    service_scv
        Squared coefficient of variation of the service times, variance / mean²: 0 constant, 1 exponential.

    References
    ----------
    Pollaczek, Über eine Aufgabe der Wahrscheinlichkeitstheorie (1930); Khinchine (1932); Gross et al., 5.1.1.

    Examples
    --------
    >>> mg1_wait(0.5, 1.0, service_scv=1.0)
    1.0
    """
    return mm1_wait(arrival_rate, service_mean) * (1 + service_scv) / 2


def md1_wait(arrival_rate: float, service_mean: float) -> float:
    """Mean waiting time in M/D/1, constant services: half of M/M/1's.

    References
    ----------
    Erlang, The Theory of Probabilities and Telephone Conversations (1909).

    Examples
    --------
    >>> md1_wait(0.5, 1.0)
    0.5
    """
    return mg1_wait(arrival_rate, service_mean, service_scv=0.0)


def lognormal_scv(sigma: float) -> float:
    """Squared coefficient of variation of a lognormal whose logarithm has the deviation `sigma`.

    Examples
    --------
    >>> lognormal_scv(0.0)
    0.0
    """
    return float(np.expm1(sigma**2))


def birth_death(births: ArrayLike, deaths: ArrayLike) -> NDArray[np.float64]:
    """Steady-state probabilities of 0 ... n from the rates of 0 -> 1, ... and of 1 -> 0, ..., each ``(n,)``.

    Notes
    -----
    Neighbours are in balance: p(i) births(i) = p(i + 1) deaths(i). Computed in logarithms, so nothing overflows.

    References
    ----------
    Gross et al., 2.1.

    Examples
    --------
    >>> birth_death([1.0], [1.0]).tolist()
    [0.5, 0.5]
    """
    steps = np.log(np.asarray(births, np.float64)) - np.log(np.asarray(deaths, np.float64))
    weights = np.concatenate([[0.0], np.cumsum(steps)])
    shares = np.exp(weights - weights.max())
    return np.asarray(shares / shares.sum(), np.float64)


def mmck_loss(arrival_rate: float, service_mean: float, servers: int, *, places: int) -> float:
    """Share of customers that find all `places`, those at the servers included, taken and leave (M/M/c/K).

    Any load is stable; arrivals see the steady state (Wolff, Poisson Arrivals See Time Averages, 1982).

    Examples
    --------
    >>> round(mmck_loss(1.0, 1.0, servers=1, places=1), 12) == erlang_b(1, 1.0)
    True
    """
    return float(_mmck(arrival_rate * service_mean, servers, places)[-1])


def mmck_wait(arrival_rate: float, service_mean: float, servers: int, *, places: int) -> float:
    """Mean waiting time in M/M/c/K of those who are served.

    References
    ----------
    Gross et al., 2.5; by Little's law over the queue with the rate of those who enter.

    Examples
    --------
    >>> mmck_wait(1.0, 1.0, servers=1, places=1)
    0.0
    """
    numbers = _mmck(arrival_rate * service_mean, servers, places)
    waiting = _mean_above(numbers, servers)
    return waiting / (arrival_rate * (1 - float(numbers[-1])))


def machine_repair_wait(machines: int, servers: int, think_mean: float, *, service_mean: float) -> float:
    """Mean waiting time in a closed system: `machines` customers think, queue for `servers` and think again.

    Thinking and service are exponential (finite source, M/M/c//N).

    References
    ----------
    Palm, The Distribution of Repairmen in Servicing Automatic Machines (1947); Gross et al., 2.7.

    Examples
    --------
    >>> machine_repair_wait(1, 1, 1.0, service_mean=1.0)
    0.0
    """
    waiting = _mean_above(_repair(machines, servers, think_mean / service_mean), servers)
    return waiting / machine_repair_rate(machines, servers, think_mean, service_mean=service_mean)


def machine_repair_rate(machines: int, servers: int, think_mean: float, *, service_mean: float) -> float:
    """Services per second in the same system.

    Examples
    --------
    >>> machine_repair_rate(1, 1, 1.0, service_mean=1.0)
    0.5
    """
    numbers = _repair(machines, servers, think_mean / service_mean)
    return float(np.minimum(np.arange(machines + 1), servers) @ numbers) / service_mean


def lindley(arrivals: Sequence[int], services: Sequence[int]) -> list[int]:
    """Waiting time of each customer of one server, in order of arrival, from instants and durations of one unit.

    Exact for integers, whatever the distributions; the queue is empty at first.

    References
    ----------
    Lindley, The Theory of Queues with a Single Server, Proc. Cambridge Phil. Soc. 48 (1952): W' = max(0, W + S - A).

    Examples
    --------
    >>> lindley([0, 1, 9], [3, 3, 3])
    [0, 2, 0]
    """
    waits, ready_at = [], 0
    for arrival, service in zip(arrivals, services, strict=True):
        wait = max(0, ready_at - arrival)
        waits.append(wait)
        ready_at = arrival + wait + service
    return waits


def kiefer_wolfowitz(arrivals: Sequence[int], services: Sequence[int], servers: int) -> list[int]:
    """Waiting time of each customer of several servers, in order of arrival; otherwise as `lindley`.

    Notes
    -----
    The vector holds what each server still has to do, in ascending order. A customer waits for the least, which
    then grows by the service; until the next arrival all shrink alike, not below 0.

    References
    ----------
    Kiefer and Wolfowitz, On the Theory of Queues with Many Servers, Trans. AMS 78 (1955).

    Examples
    --------
    >>> kiefer_wolfowitz([0, 0, 0], [5, 3, 1], servers=2)
    [0, 0, 3]
    """
    _refuse_below(servers, 1, "servers")
    waits, left, before = [], [0] * servers, 0
    for arrival, service in zip(arrivals, services, strict=True):
        left = sorted(max(0, work - (arrival - before)) for work in left)
        waits.append(left[0])
        left[0] += service
        before = arrival
    return waits


def _mmck(load: float, servers: int, places: int) -> NDArray[np.float64]:
    _refuse_below(servers, 1, "servers")
    _refuse_below(places, servers, "places")
    return birth_death(np.full(places, load), np.minimum(np.arange(1, places + 1), servers))


def _repair(machines: int, servers: int, think_per_service: float) -> NDArray[np.float64]:
    _refuse_below(servers, 1, "servers")
    at_servers = np.arange(1, machines + 1)
    return birth_death((machines + 1 - at_servers) / think_per_service, np.minimum(at_servers, servers))


def _mean_above(numbers: NDArray[np.float64], servers: int) -> float:
    """Mean number of those who wait, from the probabilities of all numbers in the system."""
    return float(np.maximum(np.arange(numbers.size) - servers, 0) @ numbers)


def _refuse_below(value: int, least: int, name: str) -> None:
    if value < least:
        raise ValueError(f"{name}: {value} lies below {least}")


def _refuse_unstable(servers: int, load: float) -> None:
    _refuse_below(servers, 1, "servers")
    if not 0 <= load < servers:
        raise ValueError(f"load: {load:g} erlangs on {servers} servers never settle; the load must lie below them")
