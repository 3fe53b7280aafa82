"""What a run's report speaks of: metrics, columns and limits by name. The world's words come as data of these types."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a run's table; one of `metrics`, `family` and `columns` says where its figures come from."""

    label: str
    """With the unit of the figures."""
    metrics: tuple[str, ...] = ()
    """Keys of the summary."""
    family: str = ""
    """Prefix of keys of the summary: all that start with it."""
    named: bool = False
    """The rest of a family's key says what was counted, and is printed with the count."""
    also: str = ""
    """Prefix of further keys that are named with it, such as "status:" for "status 503"."""
    if_any: bool = False
    """Leave the row out where a named family counts nothing, instead of saying so."""
    columns: tuple[str, ...] = ()
    """Columns of the samples; the figure is the largest sum of them."""
    scale: float = 1.0
    limited: bool = False
    """Print it against the run's limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A range in the scenario that bounds a sum of levels."""

    name: str
    path: tuple[str, ...]
    """Keys of the scenario down to ``[low, high]``; ``*`` stands for the only entry of a mapping."""
    columns: tuple[str, ...]
    noun: str
    """What is used up, plural."""
    most: str = ""
    """Prefix of keys of the summary: the largest level of those that have a range of their own, by name. Where a run
    has none of these, the sum of the levels is that of the only one."""
    range: str = ""
    """Prefix of keys of the summary: the size of each one's range, by the same names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is worth a sentence where a figure is large."""

    metric: str
    """A key of the summary, or a prefix with a colon: the sum of all keys that begin with it."""
    above: float
    text: str
    """The sentence; ``{name}`` stands for a figure of the summary, with a format as in str.format."""
    of: str = ""
    """A key of the summary: `above` is a share of that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Equal places that share what arrives, in groups, and where their skew stands in the summary."""

    one: str
    """What a place is called, singular."""
    many: str
    column: str
    """Column of the requests with the number of the place, counted over all groups."""
    groups: str
    """Key of the scenario whose entries are the groups, in the order in which their places are numbered."""
    number: str
    """Key of a group that says how many places it has."""
    skew: str
    """Prefix of the keys of the summary; where there are several groups, a key ends in ``:GROUP``."""
    window: str
    """Key of the scenario with the length of the windows of the skew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """Keys of the summary of a run that something temporary happened to."""

    recovered: str
    """1 or 0."""
    time: str
    """How long after its end it took, in seconds."""
    before: str
    after: str
    """What was done well, per second."""
    share: str
    """The share of what arrived that was done well in the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """All of it together."""

    noun: str
    """What arrives and is counted, plural."""
    one: str
    """The same, singular."""
    total: str
    failed: str
    tail: str
    """Keys of the summary: how many came, how many failed, and the quantile of the first line."""
    rows: tuple[Row, ...]
    panels: Mapping[str, Mapping[str, str]]
    """Vertical label to line's name to column of the samples."""
    windows: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Vertical label to line's name to column of the windows."""
    worst: tuple[str, str] = ("", "")
    """The column of the windows, in seconds, whose largest value is their answer, and its name."""
    limit: Limit | None = None
    peak: tuple[str, str] = ("", "")
    """The column whose peak is the timeline's answer, and its name."""
    states: tuple[str, str] = ("", "")
    """A column of the samples that is a sum, and the prefix of the columns that it is made of."""
    share: tuple[str, str] = ("", "")
    """Prefix of the shares' keys in the summary, and what has them, singular."""
    steps: tuple[str, ...] = ()
    """How the names of events begin that are steps of larger ones, to be left out where there is no room."""
    places: Places | None = None
    """What shares the load."""
    recovery: Recovery | None = None
    """Whether it is back."""
    sure: Mapping[str, str] = field(default_factory=dict)
    """Label to the key, in seconds, of what a run may be sure of; its bounds are under KEY_low and KEY_high."""
    warmup: tuple[str, str] = ("", "")
    """The scenario's key of the warm-up, and the summary's of the one that was found."""
    assumptions: tuple[str, ...] = field(default=())
    findings: tuple[Finding, ...] = ()
    """What is worth a sentence, in the order in which it is said."""
