"""What a model's runs may measure, by name: so that a metric that no run has is refused before the first trial."""

import re
from collections.abc import Iterable
from functools import cached_property

from sim.spelling import way_out
from sim.units import InputError


class MetricNames:
    """Names of metrics, and of families of them: ``share_b{}`` stands for share_b0, share_b1 ..."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = tuple(dict.fromkeys(names))

    def __contains__(self, metric: str) -> bool:
        return metric in self._names or self._pattern.fullmatch(metric) is not None

    def beside(self, names: Iterable[str]) -> "MetricNames":
        """These, and others that may stand in their place."""
        return MetricNames([*names, *self._names])

    def check(self, place: str, metric: str) -> None:
        """Raise InputError where no run has this metric."""
        if metric in self:
            return
        plain = [name.replace("{}", "") for name in self._names]
        raise InputError(f"{place}: no run measures {metric}; {way_out(metric, plain)}")

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        families = (map(re.escape, name.split("{}")) for name in self._names if "{}" in name)
        return re.compile("|".join(".+".join(parts) for parts in families) or r"(?!)")
