"""Baseline: findings that were there before, kept in a file so that only new ones count."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from sim.lint.finding import Finding
from sim.units import InputError

_VERSION = 1


def write_baseline(path: Path, findings: Iterable[Finding]) -> int:
    """Keep findings by fingerprints that survive moved lines; how many."""
    kept = sorted(
        ({"fingerprint": one.fingerprint, "rule": one.rule, "file": one.file, "message": one.message}
         for one in findings if one.suppressed is None),
        key=lambda one: (one["file"], one["rule"], one["fingerprint"]),
    )  # fmt: skip
    beside = path.with_name(path.name + ".part")
    try:
        beside.write_text(json.dumps({"version": _VERSION, "findings": kept}, indent=2) + "\n", "utf-8")
        beside.replace(path)
    except OSError as error:
        raise InputError(f"{path}: {(error.strerror or 'cannot be written').lower()}") from None
    return len(kept)


class Baseline:
    """The findings of a file; each silences one of its kind, not all."""

    def __init__(self, path: Path) -> None:
        try:
            held = json.loads(path.read_text("utf-8"))
            if held["version"] != _VERSION:
                raise InputError(f"{path}: is of another version; write it again with --write-baseline")
            self._left = Counter(str(one["fingerprint"]) for one in held["findings"])
        except OSError as error:
            raise InputError(f"{path}: {(error.strerror or 'cannot be read').lower()}") from None
        except (ValueError, LookupError, TypeError, RecursionError):
            raise InputError(f"{path}: is no baseline; write one with --write-baseline") from None

    def applied(self, findings: Sequence[Finding]) -> list[Finding]:
        """The findings, those that the baseline knows marked so."""
        judged = []
        for one in findings:
            if one.suppressed is None and self._left[one.fingerprint] > 0:
                self._left[one.fingerprint] -= 1
                one = replace(one, suppressed="in the baseline")  # noqa: PLW2901  the marked one takes its place
            judged.append(one)
        return judged
