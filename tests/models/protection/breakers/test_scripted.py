"""Each breaker against scripted cases: what its library did or says, call by call (cases.yaml)."""

from typing import Any

import pytest

from tests.models.protection.breakers.scripted import Script, cases


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["name"])
def test_a_breaker_decides_as_its_library(case: dict[str, Any]) -> None:
    script = Script(case["breaker"])

    script.play(case["steps"])

    assert all(step.keys() & {"call", "ask", "end", "withdraw", "look"} for step in case["steps"])
