"""pprof: who does what at an instant, as a goroutine profile in its three forms. Not which stacks there are.

Sources: google/pprof, proto/profile.proto and profile/legacy_profile.go; runtime/pprof/pprof.go; runtime/traceback.go.
"""

import gzip
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import BinaryIO

from sim.export.protobuf import block, number, packed
from sim.records.stack import Stack

_VALUE_TYPE, _SAMPLE, _MAPPING, _LOCATION, _FUNCTION, _STRINGS, _TIME = 1, 2, 3, 4, 5, 6, 9
"""Fields of a Profile."""
_LOWEST = 0x400000
"""Where the code of a program begins."""


@dataclass(frozen=True, slots=True)
class Doing:
    """So many do the same."""

    n: int
    stack: Stack
    state: str
    """The name of what they do."""


def doings(levels: Mapping[str, int], stacks: Mapping[str, Sequence[Stack]]) -> list[Doing]:
    """Who does what, from how many are in each state; those of a state with several stacks are shared out evenly."""
    found = []
    for state, of_state in stacks.items():
        n, parts = levels.get(state, 0), len(of_state)
        for i, stack in enumerate(of_state):
            share = (n + parts - 1 - i) // parts
            if share:
                found.append(Doing(share, stack, state))
    return found


def write_goroutines(  # parameters: what is shown, and how
    levels: Mapping[str, int],
    stacks: Mapping[str, Sequence[Stack]],
    *,
    place_of: Callable[[str], str],
    at_ns: int,
    debug: int,
    out: BinaryIO,
) -> int:
    """Write the profile in the form that `/debug/pprof/goroutine?debug=N` answers with; return how many they are."""
    doing = doings(levels, stacks)
    if debug:
        lines = (counts_text if debug == 1 else dump_text)(doing, place_of=place_of)
        out.writelines(line.encode() for line in lines)
    else:
        out.write(profile(doing, at_ns=at_ns, place_of=place_of))
    return sum(one.n for one in doing)


def profile(doing: Sequence[Doing], *, at_ns: int, place_of: Callable[[str], str]) -> bytes:
    """The protobuf, compressed: `at_ns` is Unix time, `place_of` gives a function's file and line."""
    strings = _Strings()
    functions = {name: i for i, name in enumerate(_functions(doing), 1)}
    body = block(_VALUE_TYPE, number(1, strings("goroutine")) + number(2, strings("count")))
    for one in doing:
        places = [functions[frame] for frame in _whole(one.stack)]
        labels = [("state", one.stack.reason), ("doing", one.state)]
        told = b"".join(block(3, number(1, strings(key)) + number(2, strings(value))) for key, value in labels)
        body += block(_SAMPLE, packed(1, places) + packed(2, [one.n]) + told)
    body += block(_MAPPING, number(1, 1) + number(2, _LOWEST) + number(3, _LOWEST << 2) + number(5, strings("gateway"))
                  + number(7, 1) + number(8, 1) + number(9, 1))  # fmt: skip
    for name, i in functions.items():
        file, _, line = place_of(name).rpartition(":")
        where = block(4, number(1, i) + number(2, int(line)))
        body += block(_LOCATION, number(1, i) + number(2, 1) + number(3, _address(name)) + where)
        body += block(
            _FUNCTION, number(1, i) + number(2, strings(name)) + number(3, strings(name)) + number(4, strings(file))
        )
    body += b"".join(block(_STRINGS, text) for text in strings.all)
    return gzip.compress(body + number(_TIME, at_ns), mtime=0)


def counts_text(doing: Sequence[Doing], *, place_of: Callable[[str], str]) -> Iterator[str]:
    """debug=1: a paragraph for each stack, the most frequent first."""
    yield f"goroutine profile: total {sum(one.n for one in doing)}\n"
    for one in sorted(doing, key=lambda one: -one.n):
        addresses = [_address(frame) for frame in _whole(one.stack)]
        yield f"{one.n} @ {' '.join(f'{address + 1:#x}' for address in addresses)}\n"
        yield f"# labels: {json.dumps({'doing': one.state})}\n"
        for frame, address in zip(_whole(one.stack), addresses, strict=True):
            yield f"#\t{address:#x}\t{frame}+0x0\t{_path(place_of(frame))}\n"
        yield "\n"


def dump_text(doing: Sequence[Doing], *, place_of: Callable[[str], str]) -> Iterator[str]:
    """debug=2: every one of them by itself, as a panic prints it."""
    number_of = 1
    for one in doing:
        lines = [f"{frame}(...)\n\t{_path(place_of(frame))} +0x0\n" for frame in one.stack.frames]
        by = one.stack.created_by
        lines.append(f"created by {by} in goroutine 1\n\t{_path(place_of(by))} +0x0\n")
        whole = "".join(lines)
        for _ in range(one.n):
            number_of += 1
            yield f"goroutine {number_of} [{one.stack.reason}]:\n{whole}\n"


class _Strings:
    """The string table; its first is empty."""

    def __init__(self) -> None:
        self.all = {"": 0}

    def __call__(self, text: str) -> int:
        return self.all.setdefault(text, len(self.all))


def _whole(stack: Stack) -> tuple[str, ...]:
    return (*stack.above, *stack.frames)


def _functions(doing: Sequence[Doing]) -> dict[str, None]:
    return dict.fromkeys(frame for one in doing for frame in _whole(one.stack))


def _address(function: str) -> int:
    """An address for a function, the same in every profile, and no two alike in practice."""
    return _LOWEST + int.from_bytes(blake2b(function.encode(), digest_size=3).digest()) % (_LOWEST << 1)


def _path(place: str) -> str:
    return f"/usr/local/go/src/{place}"
