"""The identity of a trajectory, ingredient by ingredient: two runs with equal digests did the same."""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Any


class Fingerprint:
    """One digest each for what the models name: times, states, connections, ..."""

    def __init__(self, ingredients: Iterable[str]) -> None:
        self._digests = {ingredient: blake2b(digest_size=8) for ingredient in ingredients}

    def add(self, ingredient: str, chunk: Any) -> None:
        """Hash the bytes of `chunk`, a buffer of little-endian integers (an array of numpy, an `array`)."""
        self._digests[ingredient].update(memoryview(chunk).cast("B"))

    def text(self) -> dict[str, str]:
        """The digests so far, by ingredient."""
        return {ingredient: digest.hexdigest() for ingredient, digest in self._digests.items()}
