"""Levels: how many things are in a state, over time. Changes are recorded; nothing samples (docs/adr/0004)."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

SERIES_BITS = 11
MAX_SERIES = 1 << SERIES_BITS
_SHIFT = SERIES_BITS + 1
_N_CODES = 1 << _SHIFT
_CHUNK = 1 << 16


class Levels:
    """Counts by series, from changes of one, reduced chunk by chunk onto a grid of instants.

    A change is the integer ``instant << 12 | series << 1 | falls``: 51 bits of nanoseconds are 26 days. Changes need
    not come in order, so that an end which is certain (a TIME_WAIT entry's) is written when it begins.

    Parameters
    ----------
    series : names of the levels, at most 2048.
    step, until : the grid in ns: 0, step, ... up to `until`. A grid instant shows the changes up to and including it.
    watch : called with the bytes of each chunk, in order of recording (for the fingerprint).
    """

    __slots__ = ("_bundles", "_deltas", "_place", "_step", "_watch", "change", "changes", "series")

    def __init__(self, series: Sequence[str], step: int, until: int, watch: Callable[[Any], object]) -> None:
        if len(series) > MAX_SERIES:
            raise ValueError(f"{len(series)} series; at most {MAX_SERIES} fit into a change")
        self.series = tuple(series)
        self._place = {name: i for i, name in enumerate(self.series)}
        self._step, self._watch = step, watch
        self._deltas = np.zeros((len(self.series), until // step + 2), np.int32)
        self._bundles: dict[tuple[tuple[int, int], ...], int] = {}
        self.changes: list[int] = []
        """The changes so far, coded: `rise` and `fall` give the code of ``instant << 12 | code``. Code that runs per
        request appends to it: no call of Python costs less."""
        self.change = self.changes.append
        """Records a coded change, where it does not come with each request."""

    def rise(self, name: str) -> int:
        """The code of one more in `name`."""
        return self._place[name] << 1

    def fall(self, name: str) -> int:
        """The code of one less in `name`."""
        return self._place[name] << 1 | 1

    def bundle(self, *changes: tuple[int, int]) -> int:
        """One code for changes that always come together; each is its delay (ns) and its code.

        Counted down from the last code, so that a series more moves no bundle.
        """
        code = self._bundles.setdefault(changes, _N_CODES - 1 - len(self._bundles))
        if code < 2 * len(self.series):
            raise ValueError(
                f"{len(self.series)} series and {len(self._bundles)} bundles are more than {_N_CODES} codes"
            )
        return code

    @property
    def is_full(self) -> bool:
        """Whether the log should be reduced now; asked between events, never needed for correctness."""
        return len(self.changes) >= _CHUNK

    def reduce(self) -> None:
        """Fold the changes so far into the grid and forget them."""
        if not self.changes:
            return
        changes = np.fromiter(self.changes, np.int64, len(self.changes))
        self.changes.clear()  # the list itself stays, since those who append hold it
        self._watch(changes)
        changes = self._unbundled(changes)
        code = changes & _N_CODES - 1
        cell = np.minimum(-(-(changes >> _SHIFT) // self._step), self._deltas.shape[1] - 1)
        width = self._deltas.shape[1]
        flat = np.bincount((code >> 1) * width + cell, weights=1 - 2 * (code & 1), minlength=self._deltas.size)
        self._deltas += flat.astype(np.int32).reshape(self._deltas.shape)

    def _unbundled(self, changes: NDArray[np.int64]) -> NDArray[np.int64]:
        codes = changes & _N_CODES - 1
        is_bundle = codes >= 2 * len(self.series)
        if not is_bundle.any():
            return changes
        single, bundled = [changes[~is_bundle]], changes[is_bundle]
        codes = codes[is_bundle]
        for members, bundle in self._bundles.items():
            instants = bundled[codes == bundle] >> _SHIFT
            single += [instants + delay << _SHIFT | member for delay, member in members]
        return np.concatenate(single)

    def on_grid(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The instants (n,) in ns and the levels (n_series, n) at them."""
        self.reduce()
        inside = self._deltas[:, :-1]
        instants = np.arange(inside.shape[1], dtype=np.int64) * self._step
        return instants, np.cumsum(inside, axis=1, dtype=np.int64)
