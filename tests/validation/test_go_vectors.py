"""What Go's net/http client really did, case by case and version by version, against the models."""

from pathlib import Path
from typing import Any

import pytest

from sim.evidence import COMPARISON, load_vectors, play_vector
from sim.validation.judge import judge
from sim.validation.vectors import Vector

VECTORS = load_vectors(Path(__file__).parent / "data" / "go_conformance_vectors.yaml")

NOT_YET: dict[str, str] = {}
"""Cases that the models cannot play, and what they lack. A case that begins to pass must leave this list."""


def _cases() -> list[Any]:
    return [
        pytest.param(
            vector.only(version),
            id=f"{vector.id} {version}",
            marks=[pytest.mark.xfail(strict=True, reason=NOT_YET[vector.id])] if vector.id in NOT_YET else [],
        )
        for vector in VECTORS
        for version in vector.expected
    ]


@pytest.mark.parametrize("vector", _cases())
def test_the_models_do_what_go_did(vector: Vector) -> None:
    (judgement,) = judge([vector], play_vector, COMPARISON)

    differing = [f"{row.quantity}: Go {row.measured}, models {row.simulated}" for row in judgement.rows if not row.ok]

    assert judgement.ok, f"{vector.id} {vector.title}: {judgement.reason or '; '.join(differing)}"


def test_no_case_is_excused_that_the_file_does_not_have() -> None:
    assert set(NOT_YET) <= {vector.id for vector in VECTORS}
