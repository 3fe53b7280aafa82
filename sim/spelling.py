"""The way out of a wrong name: the known one that it resembles, or those that are known. Keys of files: `override`."""

from collections.abc import Iterable
from difflib import get_close_matches

_MOST = 12
"""Names in a line of an error: more would hide what it says."""


def way_out(written: str, known: Iterable[str]) -> str:
    """What to do about a name that is not known, in words.

    Examples
    --------
    >>> way_out("rato", ["rate", "hold"])
    'did you mean rate?'
    >>> way_out("x", ["rate", "hold"])
    'known here: rate, hold'
    """
    names = list(known)
    near = get_close_matches(written, names, 1)
    if near:
        return f"did you mean {near[0]}?"
    return f"known here: {', '.join(names[:_MOST]) or 'none'}{' ...' if len(names) > _MOST else ''}"
