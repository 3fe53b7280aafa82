"""Sensitivity of a result to its inputs: Morris' elementary effects and Sobol's indices, by SALib.

Inputs are shares between 0 and 1, so that effects are per whole range; what a share stands for is the caller's.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.units import InputError

CONFIDENCE = 0.95
RESAMPLES = 1000
"""Bootstrap samples of an index's interval: its end points move by 3 % between two seeds, against 10 % with 100."""

Shares = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Index:
    """One index of one input (of two inputs, where `other` is not None), by their number."""

    name: str
    """mu_star, mu, sigma; S1, ST, S2."""
    factor: int
    other: int | None
    value: float
    half_width: float | None = None
    """Of the 95 % bootstrap interval; None where there is none."""


def morris_points(n_factors: int, trajectories: int, *, levels: int, seed: int) -> Shares:
    """Walks through a grid of levels, one input moved at a time, ``(trajectories * (n_factors + 1), n_factors)``.

    References
    ----------
    M. D. Morris, Factorial Sampling Plans for Preliminary Computational Experiments, Technometrics 33 (1991).
    """
    sample = _salib("sample.morris").sample
    return np.asarray(sample(_problem(n_factors), trajectories, num_levels=levels, seed=seed), dtype=np.float64)


def morris_indices(shares: Shares, results: ArrayLike, *, levels: int, seed: int) -> list[Index]:
    """Mean size of an input's effect (mu_star), mean (mu) and spread (sigma), in the unit of the results.

    An effect is the change of the result per whole range of the input. A spread that is large against the mean size
    says that the effect depends on where the others are, or is not linear.

    References
    ----------
    F. Campolongo, J. Cariboni, A. Saltelli, An effective screening design, Environ. Model. Softw. 22 (2007).
    """
    analyze = _salib("analyze.morris").analyze
    n = shares.shape[1]
    found = analyze(
        _problem(n), shares, np.asarray(results, dtype=np.float64),
        num_resamples=RESAMPLES, conf_level=CONFIDENCE, num_levels=levels, seed=seed,
    )  # fmt: skip
    return [
        index
        for i in range(n)
        for index in (
            Index("mu_star", i, None, float(found["mu_star"][i]), _finite(found["mu_star_conf"][i])),
            Index("mu", i, None, float(found["mu"][i])),
            Index("sigma", i, None, float(found["sigma"][i])),
        )
    ]


def saltelli_points(n_factors: int, points: int, *, second_order: bool, seed: int) -> Shares:
    """Saltelli's sample on a scrambled Sobol sequence, ``(points * (n_factors + 2), n_factors)``.

    With `second_order` it is ``points * (2 * n_factors + 2)``.

    References
    ----------
    A. Saltelli et al., Variance based sensitivity analysis of model output, Comput. Phys. Commun. 181 (2010).
    """
    sample = _salib("sample.sobol").sample
    drawn = sample(_problem(n_factors), points, calc_second_order=second_order, seed=seed)
    return np.asarray(drawn, dtype=np.float64)


def sobol_indices(n_factors: int, results: ArrayLike, *, second_order: bool, seed: int) -> list[Index]:
    """Shares of the results' variance: of an input alone (S1), with all others (ST), of two together (S2)."""
    analyze = _salib("analyze.sobol").analyze
    found = analyze(
        _problem(n_factors), np.asarray(results, dtype=np.float64), calc_second_order=second_order,
        num_resamples=RESAMPLES, conf_level=CONFIDENCE, seed=seed,
    )  # fmt: skip
    ones = [
        Index(name, i, None, float(found[name][i]), _finite(found[f"{name}_conf"][i]))
        for i in range(n_factors)
        for name in ("S1", "ST")
    ]
    pairs = [(i, j) for i in range(n_factors) for j in range(i + 1, n_factors)] if second_order else []
    return ones + [Index("S2", i, j, float(found["S2"][i, j]), _finite(found["S2_conf"][i, j])) for i, j in pairs]


def _problem(n: int) -> dict[str, Any]:
    return {"num_vars": n, "names": [f"x{i}" for i in range(n)], "bounds": [[0.0, 1.0]] * n}


def _finite(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None


def _salib(part: str) -> Any:
    """A module of SALib, which takes a second to import and is an extra."""
    from importlib import import_module

    try:
        return import_module(f"SALib.{part}")
    except ImportError:
        raise InputError("sensitivity needs SALib; install it: pip install 'transport-sim[sensitivity]'") from None
