"""What a benchmark says of its machine."""

import json

from tests.benchmarks.machine import cpu_model, machine


def test_a_machine_is_described_in_json() -> None:
    described = json.loads(json.dumps(machine()))

    assert {"cpu", "cores", "system", "python", "compiler", "versions", "model_version"} <= described.keys()
    assert cpu_model()
