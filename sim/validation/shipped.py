"""Shipped cases: a recorded case without its rows: the input, the arrivals, and what was measured in the repetitions.

The figures are those that the full recording gave when it was shipped; the curves are thinned for the pictures.
"""

import gzip
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim.units import InputError
from sim.validation.reality import Outcome

MEASURED = "measured.json.gz"
INPUT = "input.json"
ARRIVALS = "arrivals.csv.gz"
FORM = 1
"""Raised when the form changes, so that an older reader refuses a newer file."""


@dataclass(frozen=True, slots=True)
class Shipped:
    """What was measured, as it is shipped."""

    own_goroutines: int
    """Goroutines of the recorder itself."""
    outcomes: list[Outcome]
    """One for each repetition."""


def is_shipped(folder: Path) -> bool:
    """Whether a folder holds a case of this form."""
    return (folder / MEASURED).is_file()


def ship(shipped: Shipped, folder: Path, *, inputs: Path, arrivals: Path) -> None:
    """Write a case in this form into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(inputs, folder / INPUT)
    shutil.copyfile(arrivals, folder / ARRIVALS)
    document = {
        "form": FORM,
        "own_goroutines": shipped.own_goroutines,
        "repetitions": [
            {"figures": one.figures, "curves": {name: _rounded(curve) for name, curve in one.curves.items()}}
            for one in shipped.outcomes
        ],
    }
    text = json.dumps(document, separators=(",", ":"))
    with gzip.GzipFile(folder / MEASURED, "wb", mtime=0) as file:  # the same content is the same file
        file.write(text.encode())


def read_shipped(folder: Path) -> Shipped:
    """Read what `ship` has written.

    Raises
    ------
    InputError
        The file is damaged, or of another version of the form.
    """
    path = folder / MEASURED
    try:
        document = json.loads(gzip.decompress(path.read_bytes()))
    except (OSError, EOFError, ValueError) as cause:
        raise InputError(f"{path}: damaged or truncated ({cause}); ship the case again") from None
    form = document.get("form") if isinstance(document, dict) else None
    if form != FORM:
        raise InputError(f"{path}: form {form} is not known here, only {FORM}; ship the case again")
    try:
        shipped = Shipped(int(document["own_goroutines"]), [_outcome(one) for one in document["repetitions"]])
    except (KeyError, TypeError, ValueError, AttributeError) as cause:
        raise InputError(f"{path}: not what form {FORM} has ({type(cause).__name__}: {cause}); ship it again") from None
    if not shipped.outcomes:
        raise InputError(f"{path}: repetitions: there is none; ship the case again")
    return shipped


def _outcome(written: Mapping[str, Any]) -> Outcome:
    figures = written["figures"]
    for name, value in figures.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError(f"{name}={value} is not a number")
    return Outcome(figures, {name: np.array(curve, float) for name, curve in written["curves"].items()})


def _rounded(curve: Any) -> list[float]:
    return [float(f"{value:.5g}") for value in curve]
