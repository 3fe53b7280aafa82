"""Bit rates: what a wire carries in a second, as a user writes it. Not rates of events, nor sizes (units)."""

import re
from decimal import Decimal
from typing import Annotated

from sim.units import LARGEST, Quantity, shown

BITS_PER = {"Tbit/s": 10**12, "Gbit/s": 10**9, "Mbit/s": 10**6, "kbit/s": 1000, "bit/s": 1}
_WRITTEN = re.compile(r"([0-9]+(?:\.[0-9]+)?)([kMGT]?bit/s)")


def parse_bit_rate(text: str) -> int:
    """Bits per second of a bit rate such as "1Gbit/s" or "100Mbit/s" (1000s).

    Raises
    ------
    ValueError
        The text has no unit, an unknown one or a sign, or is no whole number of bits that fits into 64 of them.

    Examples
    --------
    >>> parse_bit_rate("1.5Mbit/s")
    1500000
    """
    match = _WRITTEN.fullmatch(text)
    if not match:
        units = ", ".join(reversed(BITS_PER))
        raise ValueError(f"{shown(text)} is not a bit rate; write a number and a unit of {units}, such as 1Gbit/s")
    bits = Decimal(match[1]) * BITS_PER[match[2]]
    if bits > LARGEST:
        raise ValueError(f"{shown(text)} is too large for a bit rate; it must fit into 64 bits")
    if 0 < bits < 1:
        raise ValueError(f"{shown(text)} is too small for a bit rate; the smallest is 1bit/s")
    return round(bits)


def format_bit_rate(bits_per_s: int) -> str:
    """Write bits per second in the largest unit that keeps the number whole: the inverse of parse_bit_rate.

    Examples
    --------
    >>> format_bit_rate(10**8)
    '100Mbit/s'
    """
    unit = next((unit for unit, size in BITS_PER.items() if bits_per_s and bits_per_s % size == 0), "bit/s")
    return f"{bits_per_s // BITS_PER[unit]}{unit}"


BitRate = Annotated[int, Quantity("bit rate", "1Gbit/s", parse_bit_rate, format_bit_rate, _WRITTEN.pattern)]
"""Bits per second, written "1Gbit/s" or "100Mbit/s"; only 0 may stand bare."""
