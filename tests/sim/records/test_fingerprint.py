"""Fingerprint: equal trajectories have equal digests, and a difference says what moved."""

import numpy as np

from sim.records.fingerprint import Fingerprint


def digests(times: list[int], ports: list[int]) -> dict[str, str]:
    fingerprint = Fingerprint(("times", "ports"))
    fingerprint.add("times", np.array(times, np.int64))
    fingerprint.add("ports", np.array(ports, np.int64))
    return fingerprint.text()


def test_the_same_integers_in_the_same_order_have_the_same_digest() -> None:
    assert digests([1, 2], [3]) == digests([1, 2], [3])


def test_only_the_ingredient_that_moved_differs() -> None:
    before, after = digests([1, 2], [3]), digests([2, 1], [3])

    assert before["times"] != after["times"]
    assert before["ports"] == after["ports"]


def test_chunks_do_not_matter() -> None:
    whole, parts = Fingerprint(("times",)), Fingerprint(("times",))

    whole.add("times", np.arange(5))
    parts.add("times", np.arange(2))
    parts.add("times", np.arange(2, 5))

    assert whole.text() == parts.text()
