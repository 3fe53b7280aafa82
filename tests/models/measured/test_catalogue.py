"""The catalogue knows every measurement that comes along."""

import json
from pathlib import Path

from models.measured.catalogue import REPRODUCTIONS

FILE = Path(__file__).parents[3] / "experiments" / "reality" / "kernel" / "linux-6.18.json"


def test_every_measurement_of_the_file_is_known_and_no_other() -> None:
    document = json.loads(FILE.read_text("utf-8"))

    assert [one["id"] for one in document["measurements"]] == list(REPRODUCTIONS)
