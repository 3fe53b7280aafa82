"""Indices of functions whose indices are known in closed form."""

import numpy as np
import pytest

from sim.analysis.sensitivity import morris_indices, morris_points, saltelli_points, sobol_indices

pytest.importorskip("SALib")


def ishigami(shares: np.ndarray) -> np.ndarray:
    """T. Ishigami and T. Homma (1990), a = 7, b = 0.1: S1 is 0.3139, 0.4424 and 0; ST3 is 0.2437."""
    x, y, z = np.pi * (2 * shares.T - 1)
    return np.sin(x) + 7 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x)


def test_the_sobol_indices_of_ishigamis_function_are_the_known_ones() -> None:
    shares = saltelli_points(3, 4096, second_order=True, seed=1)

    found = {(i.name, i.factor, i.other): i for i in sobol_indices(3, ishigami(shares), second_order=True, seed=1)}

    truth = {
        ("S1", 0, None): 0.3139, ("S1", 1, None): 0.4424, ("S1", 2, None): 0.0, ("ST", 0, None): 0.5576,
        ("ST", 1, None): 0.4424, ("ST", 2, None): 0.2437, ("S2", 0, 1): 0.0, ("S2", 0, 2): 0.2437, ("S2", 1, 2): 0.0,
    }  # fmt: skip
    assert {place: index.value for place, index in found.items()} == pytest.approx(truth, abs=0.02)
    assert all(abs(found[place].value - truth[place]) <= (found[place].half_width or 0) for place in truth)


def test_the_effects_of_a_linear_function_are_its_slopes_without_spread() -> None:
    shares = morris_points(3, 5, levels=4, seed=2)

    found = {(i.name, i.factor): i.value for i in morris_indices(shares, shares @ [3.0, -2.0, 0.0], levels=4, seed=2)}

    slopes = {("mu_star", 0): 3.0, ("mu_star", 1): 2.0, ("mu_star", 2): 0.0, ("mu", 1): -2.0}
    assert {place: found[place] for place in slopes} == pytest.approx(slopes)
    assert [found["sigma", i] for i in range(3)] == pytest.approx([0, 0, 0], abs=1e-9)


def test_equal_seeds_draw_equal_samples_of_the_promised_size() -> None:
    assert np.array_equal(morris_points(4, 6, levels=4, seed=3), morris_points(4, 6, levels=4, seed=3))
    assert morris_points(4, 6, levels=4, seed=3).shape == (6 * 5, 4)
    assert saltelli_points(4, 8, second_order=False, seed=3).shape == (8 * 6, 4)
    assert saltelli_points(4, 8, second_order=True, seed=3).shape == (8 * 10, 4)
    assert not np.array_equal(
        saltelli_points(4, 8, second_order=True, seed=3), saltelli_points(4, 8, second_order=True, seed=4)
    )
