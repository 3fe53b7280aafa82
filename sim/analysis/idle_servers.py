"""Servers that are kept idle up to a cap and replaced when none is left: how often a customer needs a fresh one."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import linalg

_REACH = 12.0
"""Standard deviations of the number of busy servers beyond which it is not followed: below 1e-20 of the time."""


def fresh_share(load: float, cap: int) -> float:
    """Share of customers that find no idle server and get a fresh one at once, in steady state.

    Parameters
    ----------
    load
        Poisson arrival rate times mean service time (exponential), erlangs.
    cap
        Idle servers that are kept: one whose service ends is dismissed if so many are idle already.

    Notes
    -----
    A Markov chain of (busy b, idle i), time in mean services:

    ===================  ====  =================
    (b, i) goes to       rate  when
    ===================  ====  =================
    (b + 1, i - 1)       a     i > 0
    (b + 1, 0)           a     i = 0: fresh
    (b - 1, i + 1)       b     i < cap
    (b - 1, cap)         b     i = cap: dismissed
    ===================  ====  =================

    The answer is the probability of i = 0, which is what Poisson arrivals see. The busy ones alone are M/M/∞,
    Poisson with mean a, which says where to cut b off. Nobody waits, hence nobody takes a server that comes back while
    a fresh one is on its way: getting one must take no time. The balance equations are solved as a sparse system.

    Examples
    --------
    >>> round(fresh_share(load=4.0, cap=0), 12)
    1.0
    """
    if load <= 0 or cap < 0:
        raise ValueError(f"load: {load:g} and cap: {cap} describe no such servers; load > 0 and cap >= 0 do")
    most = int(np.ceil(load + _REACH * np.sqrt(load) + _REACH))
    if cap >= most:
        return 0.0  # a fresh one takes more than `cap` busy ones
    states = np.arange((most + 1) * (cap + 1))
    busy, idle = np.divmod(states, cap + 1)
    arrives, ends = busy < most, busy > 0
    after_arrival = (busy + 1) * (cap + 1) + np.maximum(idle - 1, 0)
    after_end = (busy - 1) * (cap + 1) + np.minimum(idle + 1, cap)
    source = np.concatenate([states[arrives], states[ends]])
    target = np.concatenate([after_arrival[arrives], after_end[ends]])
    rate = np.concatenate([np.full(int(arrives.sum()), load), busy[ends].astype(np.float64)])
    return float(_steady(source, target, rate)[idle == 0].sum())


def _steady(source: NDArray[np.int64], target: NDArray[np.int64], rate: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities of the states of a chain given by its transitions."""
    n = int(source.max()) + 1
    flow = sparse.coo_array((rate, (target, source)), shape=(n, n)).tocsc()
    balance = (flow - sparse.diags_array(np.asarray(flow.sum(axis=0)))).tolil()
    balance[0, :] = 1.0  # one equation follows from the others; the probabilities add up to 1 instead
    right = np.zeros(n)
    right[0] = 1.0
    return np.asarray(linalg.spsolve(balance.tocsc(), right), np.float64)
