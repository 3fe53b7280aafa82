"""What is known of the load that a configuration is for: `--load rate=1200/s`."""

from collections.abc import Callable, Sequence
from typing import Annotated, NamedTuple

import typer

from sim.spelling import way_out
from sim.units import InputError, parse_duration, parse_rate


class Known(NamedTuple):
    """A word of --load: the fact that rules ask for, how it is read, what it is."""

    fact: str
    read: Callable[[str], float]
    meaning: str


def _ms(text: str) -> float:
    return parse_duration(text) / 1e6


def _number(text: str) -> float:
    value = int(text)
    if value < 1:
        raise ValueError("is below 1")
    return float(value)


WORDS = {
    "rate": Known("rate", parse_rate, "requests per second"),
    "latency": Known("latency_ms", _ms, "mean time of a request"),
    "hosts": Known("hosts", _number, "destinations that the rate is spread over"),
    "sources": Known("sources", _number, "local addresses, or equal clients, that it comes from"),
    "backends": Known("backends", _number, "hosts of a cluster"),
    "server_idle": Known("server_idle_ms", _ms, "after which the servers close idle connections"),
    "nat_idle": Known("nat_idle_ms", _ms, "after which a NAT or balancer between forgets them"),
    "nat_ports": Known("nat_ports", _number, "ports that a NAT has towards a destination"),
    "caller_tries": Known("caller_tries", _number, "tries of those who call this"),
    "caller_timeout": Known("caller_timeout_ms", _ms, "how long they wait"),
    "workers": Known("workers", _number, "worker processes of nginx"),
}

LOAD = Annotated[
    list[str] | None,
    typer.Option("--load", metavar="WORD=VALUE", help=f"What computed rules need: {', '.join(WORDS)}; repeatable."),
]


def load_of(written: Sequence[str]) -> dict[str, float]:
    """The facts of all --load options.

    Raises
    ------
    InputError
        An unknown word, or a value that is none.
    """
    load: dict[str, float] = {}
    for one in written:
        word, equals, value = one.partition("=")
        known = WORDS.get(word)
        if known is None or not equals:
            raise InputError(f"--load {one}: {way_out(word, WORDS) if equals else 'write WORD=VALUE'}")
        try:
            load[known.fact] = known.read(value)
        except ValueError as error:
            wrong = str(error) if not str(error).startswith("invalid literal") else f"{value} is no whole number"
            raise InputError(f"--load {word}={value}: {wrong}") from None
    return load


def option_of(fact: str) -> str:
    """The option that says a fact."""
    return next((f"--load {word}=..." for word, known in WORDS.items() if known.fact == fact), fact)
