"""Quantities and kinds: a user writes "500us" or {exponential: {mean: 20ms}}, a model reads integers and classes.

The markers carry pydantic's hooks and import it inside them, so that neither models nor the engine ever load it.
"""

import dataclasses
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Final

NS: Final = 1
US: Final = 1_000
MS: Final = 1_000_000
SECOND: Final = 1_000_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE

NS_PER = {"h": HOUR, "m": MINUTE, "s": SECOND, "ms": MS, "us": US, "ns": NS}
SECONDS_PER = {"s": 1, "m": 60, "h": 3600}
BYTES_PER = {
    "TiB": 1 << 40,
    "TB": 10**12,
    "GiB": 1 << 30,
    "GB": 10**9,
    "MiB": 1 << 20,
    "MB": 10**6,
    "KiB": 1 << 10,
    "kB": 1000,
    "B": 1,
}
LARGEST = (1 << 63) - 1
"""The engine keeps times, and the records sizes, in signed 64-bit integers."""

_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
_DURATION = re.compile(rf"(?:{_NUMBER}(?:h|ms|m|us|ns|s))+")
_WRITTEN_DURATION = rf"({_NUMBER}(h|ms|m|us|\u00b5s|\u03bcs|ns|s))+"
_PART = re.compile(r"([0-9.]+)([a-z]+)")
_RATE = re.compile(rf"({_NUMBER})/([smh])")
_SIZE = re.compile(rf"({_NUMBER})([KMGT]iB|[kMGT]?B)")
_TO_ASCII = str.maketrans({"\u00b5": "u", "\u03bc": "u"})
"""Go prints the micro sign; both of Unicode's code points for it are read."""


class InputError(Exception):
    """The input is wrong. The text is the one line that the user sees; the exit code is 2.

    Parameters
    ----------
    text
        Where, what is wrong, the way out.
    at
        Of what only shows in the middle of a run: the path of the offender in its input, which then stands for
        "where". Whoever knows the file names line and column.
    """

    def __init__(self, text: str, at: tuple[str | int, ...] = ()) -> None:
        self.text, self.at = text, at
        whole = ": ".join([".".join(map(str, at)), text] if at else [text])
        super().__init__("".join(char if char.isprintable() else repr(char)[1:-1] for char in whole))


def parse_duration(text: str) -> int:
    """Nanoseconds of a duration in Go's notation.

    Raises
    ------
    ValueError
        The text has no unit, an unknown one or a sign, or is too long for 64 bits.

    Examples
    --------
    >>> parse_duration("1m30s")
    90000000000
    """
    _refuse_a_sign(text, "duration")
    plain = text.translate(_TO_ASCII)
    if not _DURATION.fullmatch(plain):
        units = ", ".join(NS_PER)
        raise ValueError(f"{shown(text)} is not a duration; write a number and a unit of {units}, such as 20ms")
    return _whole(sum(Decimal(number) * NS_PER[unit] for number, unit in _PART.findall(plain)), text, "1ns")


def format_duration(ns: int) -> str:
    """Write nanoseconds in the largest unit that keeps the number whole: the inverse of parse_duration.

    Examples
    --------
    >>> format_duration(90 * SECOND)
    '90s'
    """
    unit = next((unit for unit, size in NS_PER.items() if ns and ns % size == 0), "s")
    return f"{ns // NS_PER[unit]}{unit}"


def parse_signed_duration(text: str) -> int:
    """Nanoseconds of a duration that may lie below 0, as Go's own settings may.

    Examples
    --------
    >>> parse_signed_duration("-1s")
    -1000000000
    """
    return -parse_duration(text[1:]) if text.startswith("-") else parse_duration(text)


def format_signed_duration(ns: int) -> str:
    """Write nanoseconds, below 0 too: the inverse of parse_signed_duration.

    Examples
    --------
    >>> format_signed_duration(-90 * SECOND)
    '-90s'
    """
    return f"-{format_duration(-ns)}" if ns < 0 else format_duration(ns)


def parse_rate(text: str) -> float:
    """Events per second of a rate such as "1200/s", "3/m" or "10/h".

    Examples
    --------
    >>> parse_rate("3/m")
    0.05
    """
    _refuse_a_sign(text, "rate")
    match = _RATE.fullmatch(text)
    if not match:
        raise ValueError(f"{shown(text)} is not a rate; write a number and one of /s, /m, /h, such as 1200/s")
    rate = float(Decimal(match[1]) / SECONDS_PER[match[2]])
    if not math.isfinite(rate):
        raise ValueError(f"{shown(text)} is too large for a rate; write one such as 1200/s")
    return rate


def format_rate(per_second: float) -> str:
    """Write events per second: the inverse of parse_rate, to the last bit.

    Examples
    --------
    >>> format_rate(1200.0)
    '1200/s'
    """
    digits = format(Decimal(repr(float(per_second))), "f")
    return f"{digits.removesuffix('.0')}/s"


def parse_size(text: str) -> int:
    """Bytes of a size such as "512B", "10kB" (1000s) or "4KiB" (1024s).

    Examples
    --------
    >>> parse_size("4KiB")
    4096
    """
    _refuse_a_sign(text, "size")
    match = _SIZE.fullmatch(text)
    if not match:
        units = ", ".join(reversed(BYTES_PER))
        raise ValueError(f"{shown(text)} is not a size; write a number and a unit of {units}, such as 4KiB")
    return _whole(Decimal(match[1]) * BYTES_PER[match[2]], text, "1B")


def format_size(size_bytes: int) -> str:
    """Write bytes in the largest unit that keeps the number whole: the inverse of parse_size.

    Examples
    --------
    >>> format_size(10_000)
    '10kB'
    """
    unit = next((unit for unit, size in BYTES_PER.items() if size_bytes and size_bytes % size == 0), "B")
    return f"{size_bytes // BYTES_PER[unit]}{unit}"


def _refuse_a_sign(text: str, noun: str) -> None:
    if text.startswith("-") and text[1:2].isdigit():
        raise ValueError(f"{shown(text)} lies below 0; a {noun} must lie at or above 0")


def _whole(number: Decimal | int, text: str, smallest: str) -> int:
    if number > LARGEST:
        raise ValueError(f"{shown(text)} is too large; it must fit into 64 bits")
    if 0 < number < Decimal("0.5"):
        raise ValueError(f"{shown(text)} is too small; the smallest is {smallest}")
    return round(number)


def shown(value: Any) -> str:
    """Quote a value as the user wrote it, cut where it is long: for error texts."""
    plain = isinstance(value, str) and re.fullmatch(r"[^\s\"']+", value)
    quoted = value if plain else json.dumps(value, default=str, ensure_ascii=False)
    return quoted if len(quoted) <= 40 else quoted[:37] + "..."


@dataclass(frozen=True, slots=True)
class Quantity:
    """Marks a number field as written with a unit; pydantic finds the two hooks, models never see it."""

    noun: str
    example: str
    parse: Callable[[str], Any]
    format: Callable[[Any], str]
    written: str
    """What an editor holds a text against, as a regular expression; the parser has the last word."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema as cs

        written = cs.plain_serializer_function_ser_schema(self.format)
        return cs.no_info_before_validator_function(self._read, handler(source), serialization=written)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> Any:
        return {
            "anyOf": [{"type": "string", "pattern": f"^{self.written}$"}, {"const": 0}],
            "description": f"a {self.noun}",
            "examples": [self.example],
        }

    def _read(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.parse(value)
        if type(value) in (int, float) and value == 0:
            return 0
        if type(value) in (int, float):
            raise ValueError(f"{shown(value)} has no unit; write a {self.noun} such as {self.example}")
        raise ValueError(f"{shown(value)} is not a {self.noun}; write one such as {self.example}")


Duration = Annotated[int, Quantity("duration", "20ms", parse_duration, format_duration, _WRITTEN_DURATION)]
"""Integer nanoseconds, written "20ms" or "1m30s"; only 0 may stand bare."""
SignedDuration = Annotated[
    int, Quantity("duration", "20ms", parse_signed_duration, format_signed_duration, f"-?{_WRITTEN_DURATION}")
]
"""As Duration, but "-1s" is read too: Go gives some negative durations a meaning of their own."""
Rate = Annotated[float, Quantity("rate", "1200/s", parse_rate, format_rate, _RATE.pattern)]
"""Events per second, written "1200/s", "3/m" or "10/h"; only 0 may stand bare."""
Size = Annotated[int, Quantity("size", "4KiB", parse_size, format_size, _SIZE.pattern)]
"""Bytes, written "512B", "10kB" or "4KiB"; only 0 may stand bare."""


@dataclass(frozen=True, slots=True)
class FileMark:
    """Marks a text as the name of a file to be read; `sim.scenario.files` finds it beside the file that names it."""


FileName = Annotated[str, FileMark()]
"""A file, relative to the file that names it; a model gets it as seen from the working folder."""

TAG = "\0"
"""Begins the step that pydantic adds to an error's location for the kind; YAML cannot hold it."""
SHORT_FORM = "the short form of a kind"
"""The remark in a JSON Schema on what `OneOf.spread` turns into the whole form."""
SHORT_TEXT = {"type": "string", "$comment": SHORT_FORM}
"""In a JSON Schema, the text that a class reads in the place of its mapping."""
_ANY_TEXT = "a text"
_WHOLE, _SHORTER = TAG + "whole", TAG + "shorter"


class OneOf:
    """Marks a field that is written as a mapping with one key, the kind: {lognormal: {mean: 20ms, p99: 120ms}}.

    Parameters
    ----------
    scalar
        The kind that a bare value stands for: with ``scalar="constant"``, 20ms is {constant: {value: 20ms}},
        and is written back bare. The kind's class has one field.
    **kinds
        The class of each kind; one class per kind, since the way back goes by class.

    Notes
    -----
    Shorter forms are read too: a kind whose fields all have defaults by its name alone (``hosts``), and a kind
    with one field by that field's value (``{poisson: 1200/s}``).
    """

    def __init__(self, *, scalar: str | None = None, **kinds: type) -> None:
        assert scalar is None or scalar in kinds, f"{scalar} is not one of the kinds"
        self.kinds = kinds
        self.scalar = scalar

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema as cs

        bodies = {kind: handler.generate_schema(cls) for kind, cls in self.kinds.items()}
        arms: Any = {
            TAG + kind: cs.typed_dict_schema({kind: cs.typed_dict_field(body)}) for kind, body in bodies.items()
        }
        message = "needs exactly one of: " + ", ".join(self.kinds)
        union = cs.tagged_union_schema(arms, self._tag, custom_error_type="one_of", custom_error_message=message)
        # a function before the union makes Python's objects of JSON, and strictness then refuses a list for a tuple
        shorter = cs.no_info_before_validator_function(self.spread, union)
        forms = cs.tagged_union_schema({_WHOLE: union, _SHORTER: shorter}, self._form)
        written = cs.wrap_serializer_function_ser_schema(self._write, schema=cs.union_schema(list(bodies.values())))
        return cs.no_info_after_validator_function(lambda one: next(iter(one.values())), forms, serialization=written)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> Any:
        whole = handler(schema["schema"]["choices"][_WHOLE])
        shorter = [{"enum": [kind for kind, cls in self.kinds.items() if not _required(cls)]}]
        for arm in whole.get("oneOf", ()):
            ((kind, body),) = arm["properties"].items()
            bare = self._bare(kind, body, handler)
            if bare is None and reads_a_text(self.kinds[kind]):
                arm["properties"][kind] = {"anyOf": [body, SHORT_TEXT]}
            elif bare is not None:
                arm["properties"][kind] = {"anyOf": [body, bare]}
                shorter += [bare] if kind == self.scalar else []
        return {"anyOf": [whole, *[form for form in shorter if form.get("enum") != []]]}

    def _bare(self, kind: str, body: Any, handler: Any) -> Any:
        field = only_field(self.kinds[kind])
        if field is None:
            return None
        try:
            bare = handler.resolve_ref_schema(body)["properties"][field]
        except LookupError:  # a kind inside itself: its schema is not there yet, so only the whole form is described
            return None
        return {key: value for key, value in bare.items() if key != "default"} | {"$comment": SHORT_FORM}

    def spread(self, written: Any) -> Any:
        """`written` in the whole form {kind: {field: value}}; what fits no shorter form is left as it is."""
        if isinstance(written, str) and written in self.kinds:
            return {written: {}}
        if self.scalar and isinstance(written, str | int | float):
            written = {self.scalar: written}
        kind = self._only_key(written)
        if kind not in self.kinds or isinstance(written[kind], Mapping):
            return written
        if written[kind] is None:
            return {kind: {}}
        field = only_field(self.kinds[kind])
        return written if field is None else {kind: {field: written[kind]}}

    def _form(self, written: Any) -> str:
        return _WHOLE if self.spread(written) is written else _SHORTER

    def _tag(self, written: Any) -> str | None:
        kind = self._only_key(written)
        return None if kind is None else f"{TAG}{kind}"

    @staticmethod
    def _only_key(written: Any) -> Any:
        return next(iter(written)) if isinstance(written, Mapping) and len(written) == 1 else None

    def _write(self, value: Any, handler: Any) -> Any:
        kind = next(kind for kind, cls in self.kinds.items() if type(value) is cls)
        body = handler(value)
        return next(iter(body.values())) if kind == self.scalar else {kind: body}


def _required(cls: type) -> bool:
    missing = dataclasses.MISSING
    fields = dataclasses.fields(cls) if dataclasses.is_dataclass(cls) else (None,)
    return any(field is None or field.default is field.default_factory is missing for field in fields)


def reads_a_text(cls: Any) -> bool:
    """Whether a bare text may stand in the place of a class's mapping: its `__fill__` makes something of one."""
    try:
        return bool(cls.__fill__(_ANY_TEXT) != _ANY_TEXT)
    except (AttributeError, TypeError, ValueError):  # no `__fill__`, or one of mappings alone
        return False


def only_field(cls: type) -> str | None:
    """Name the field of a dataclass that has one field; None for all others."""
    fields = dataclasses.fields(cls) if dataclasses.is_dataclass(cls) else ()
    return fields[0].name if len(fields) == 1 else None
