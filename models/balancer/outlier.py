"""Outlier detection: backends are ejected for their results and come back after a while. Not what an ejection means.

Sources: Envoy source/common/upstream/outlier_detection_impl.cc, outlier_detection.proto. A user's configuration is in
`outlier_config.py`. One detector belongs to one client: Envoy's, too, judges by what it has seen itself.
"""

from collections.abc import Callable, Sequence
from statistics import fmean, pstdev

from models.balancer.member import Member, Result
from models.balancer.outlier_config import OutlierDetectionConfig

GATEWAY_FAILURES = frozenset({502, 503, 504})


class Judged:
    """What is known of one backend."""

    __slots__ = ("back_at", "bucket", "ejected_at", "gateway", "in_a_row", "jitter", "local", "member", "multiplier")

    def __init__(self, member: Member) -> None:
        self.member = member
        self.in_a_row = self.gateway = self.local = 0
        """Failures in a row: of all kinds, of a gateway's kinds, without an answer (with the split)."""
        self.bucket = [0, 0]
        """Requests of the running interval, and those of them that did not fail."""
        self.multiplier = 0
        self.ejected_at = self.jitter = 0
        self.back_at = 0
        """When it last came back, ns."""

    def forget(self) -> None:
        """The counts in a row begin again."""
        self.in_a_row = self.gateway = self.local = 0


class OutlierDetector:
    """Told of every result, and of every tick; calls `changed` when somebody was ejected or has come back."""

    def __init__(
        self, config: OutlierDetectionConfig, members: Sequence[Member], draw: Callable[[], float],
        changed: Callable[[], object],
    ) -> None:  # fmt: skip
        self._config, self._draw, self._changed = config, draw, changed
        self._judged = {each.place: Judged(each) for each in members}
        self._n_ejected = 0
        self._n_changes = 0
        self._longest = max(config.max_ejection_time, config.base_ejection_time)

    def result(self, member: Member, result: Result) -> None:
        """A request has ended: consecutive failures act at once."""
        one, config = self._judged[member.place], self._config
        if result.is_local and config.split_external_local_origin_errors:
            one.local += 1
            if one.local == config.consecutive_local_origin_failure:
                one.local = 0
                self._enforce(one, config.enforcing_consecutive_local_origin_failure, result.now)
        else:
            one.local = 0
            self._count(one, result)
        self._tell()

    def _count(self, one: Judged, result: Result) -> None:
        config = self._config
        one.bucket[0] += 1
        if not result.is_failure:
            one.bucket[1] += 1
            one.in_a_row = one.gateway = 0
            return
        one.gateway = one.gateway + 1 if result.status in GATEWAY_FAILURES else 0
        if one.gateway == config.consecutive_gateway_failure:
            one.gateway = 0
            self._enforce(one, config.enforcing_consecutive_gateway_failure, result.now)
        one.in_a_row += 1
        if one.in_a_row == config.consecutive_5xx:
            one.in_a_row = 0
            self._enforce(one, config.enforcing_consecutive_5xx, result.now)

    def tick(self, now: int) -> None:
        """The interval is over: who has served his time comes back; rates of the interval are judged."""
        for one in self._judged.values():
            self._check_back(one, now)
        counts = [(one, one.bucket[0], one.bucket[1]) for one in self._judged.values()]
        for one in self._judged.values():
            one.bucket = [0, 0]
        self._judge_success_rates(counts, now)
        self._judge_failure_percentages(counts, now)
        self._tell()

    def _check_back(self, one: Judged, now: int) -> None:
        config = self._config
        if not one.member.is_ejected:
            if one.multiplier and now - one.back_at >= config.interval:
                one.multiplier -= 1
            return
        length = min(config.base_ejection_time * one.multiplier, self._longest) + one.jitter
        if now - one.ejected_at >= length:
            one.member.is_ejected = False
            one.back_at = now
            one.forget()
            self._n_ejected -= 1
            self._n_changes += 1

    def _judge_success_rates(self, counts: list[tuple[Judged, int, int]], now: int) -> None:
        config = self._config
        rates = [(one, 100 * good / n) for one, n, good in counts if n >= config.success_rate_request_volume]
        if len(rates) < config.success_rate_minimum_hosts:
            return
        values = [rate for _, rate in rates]
        least = fmean(values) - config.success_rate_stdev_factor * pstdev(values)
        for one, rate in rates:
            if rate < least:
                self._enforce(one, config.enforcing_success_rate, now)

    def _judge_failure_percentages(self, counts: list[tuple[Judged, int, int]], now: int) -> None:
        config = self._config
        rates = [
            (one, 100 * (n - good) / n) for one, n, good in counts if n >= config.failure_percentage_request_volume
        ]
        if len(rates) < config.failure_percentage_minimum_hosts:
            return
        for one, failed in rates:
            if failed >= config.failure_percentage_threshold:
                self._enforce(one, config.enforcing_failure_percentage, now)

    def _enforce(self, one: Judged, share: float, now: int) -> None:
        """A rule has fired: eject, if it is enforced now and as long as enough others are left."""
        config = self._config
        if one.member.is_ejected or not share or (share < 1 and self._draw() >= share):
            return
        if not self._may_eject():
            return
        one.member.is_ejected = True
        one.ejected_at = now
        if config.base_ejection_time * one.multiplier < self._longest + config.base_ejection_time:
            one.multiplier += 1
        one.jitter = int(self._draw() * config.max_ejection_time_jitter) if config.max_ejection_time_jitter else 0
        self._n_ejected += 1
        self._n_changes += 1

    def _may_eject(self) -> bool:
        config, n_ejected = self._config, self._n_ejected
        if config.tests_before_ejection:
            return 100 * n_ejected / len(self._judged) < config.max_ejection_percent
        is_allowed = 100 * (n_ejected + 1) / len(self._judged) <= config.max_ejection_percent
        return is_allowed or (config.always_eject_one_host and not n_ejected)

    def _tell(self) -> None:
        if self._n_changes:
            self._n_changes = 0
            self._changed()
