"""Cases of the keys of retries, hedges, expiry and relays."""

from tests.keys.case import Case, change

BROKEN = "S.panics=0.5"
SLOW = "S.service_time={exponential: {mean: 100ms}}"
CROWD = "A={poisson: {rate: 200/s}}"
LATE = ("S.workers=1", "S.expiry={after: 20ms, cost: 1ms, status: 503}")
THROTTLED = ("S.workers=1", "S.expiry={after: 5ms, status: 429}", CROWD)
RELAY = ("clients.r={}", "services.b={service_time: 5ms}", "S.relay={client: r, service: b}")


def _retry(changed: str, *given: str, retry: str = "retries: 3") -> Case:
    """A key of a client that tries again what fails half of the time."""
    return change(f"G.retry.{changed}", *(given or (BROKEN,)), f"G.retry={{{retry}}}")


def _backoff(changed: str, backoff: str = "base: 10ms, cap: 25ms") -> Case:
    return _retry(f"backoff.{changed}", retry=f"retries: 3, backoff: {{{backoff}}}")


def _budget(kind: str, changed: str, budget: str, *given: str) -> Case:
    retry = f"retries: 3, backoff: {{base: 0s}}, budget: {{{kind}: {{{budget}}}}}"
    return _retry(f"budget.{kind}.{changed}", *(given or (BROKEN, CROWD)), retry=retry)


def _pushback(changed: str, retry: str, service: str = "wait: 30ms") -> Case:
    """A key of a client that is refused half of the time and told how long to wait."""
    refusing = ("S.guards=[{token_bucket: {rate: 30/s, burst: 1}}]", f"S.pushback={{{service}}}")
    return change(changed, *refusing, f"G.retry={{retries: 3, statuses: [429], {retry}}}")


PROTECTION: dict[str, Case] = {
    "clients.*.failed_statuses.[]": change(
        "G.failed_statuses=[429]", "S.workers=1", "S.expiry={after: 5ms, cost: 20ms, status: 429}", CROWD,
        "G.hedge={after: 1ms}", "G.failed_statuses=[428]",
    ),
    "clients.*.hedge.after": change("G.hedge.after=30ms", SLOW, "G.hedge={after: 10ms}"),
    "clients.*.hedge.copies": change("G.hedge.copies=3", SLOW, "G.hedge={after: 10ms}"),
    "clients.*.retry.preset": _retry("preset=envoy", retry="retries: 3, preset: aws"),
    "clients.*.retry.retries": _retry("retries=1"),
    "clients.*.retry.on.[]": _retry("on=[timeout]"),
    "clients.*.retry.statuses.[]": _retry(
        "statuses=[429]", *THROTTLED, retry="statuses: [428]"
    ),
    "clients.*.retry.per_try_timeout": _retry("per_try_timeout=40ms", SLOW),
    "clients.*.retry.within": _retry("within=40ms", SLOW),
    "clients.*.retry.backoff.base": _backoff("base=15ms"),
    "clients.*.retry.backoff.throttled_base": _retry(
        "backoff.throttled_base=20ms", *THROTTLED, retry="statuses: [429], backoff: {base: 10ms}"
    ),
    "clients.*.retry.backoff.cap": _backoff("cap=15ms"),
    "clients.*.retry.backoff.multiplier": _backoff("multiplier=1.5"),
    "clients.*.retry.backoff.jitter": _backoff("jitter=equal"),
    "clients.*.retry.budget.grpc.max_tokens": _budget("grpc", "max_tokens=3", "max_tokens: 8"),
    "clients.*.retry.budget.grpc.token_ratio": _budget("grpc", "token_ratio=0.9", "max_tokens: 8"),
    "clients.*.retry.budget.aws.capacity": _budget("aws", "capacity=10", "capacity: 50"),
    "clients.*.retry.budget.aws.cost": _budget("aws", "cost=20", "capacity: 50"),
    "clients.*.retry.budget.aws.timeout_cost": _budget(
        "aws", "timeout_cost=40", "capacity: 50", SLOW, CROWD, "G.timeout=50ms"
    ),
    "clients.*.retry.budget.aws.throttled_cost": _retry(
        "budget.aws.throttled_cost=40", *THROTTLED, retry="statuses: [429], budget: {aws: {capacity: 50}}"
    ),
    "clients.*.retry.budget.share.share": _budget("share", "share=0.5", "share: 0.1, reserve: 0"),
    "clients.*.retry.budget.share.reserve": _budget("share", "reserve=2", "share: 0.1, reserve: 0"),
    "clients.*.retry.budget.share.ttl": _budget(
        "share", "ttl=1s", "share: 0.1, reserve: 0", BROKEN, CROWD, "duration=4s"
    ),
    "clients.*.retry.budget.concurrent.max_retries": _budget(
        "concurrent", "max_retries=1", "max_retries: 4", BROKEN, CROWD, SLOW
    ),
    "clients.*.retry.budget.concurrent.share": _budget(
        "concurrent", "share=0.9", "max_retries: 1", BROKEN, CROWD, SLOW
    ),
    "clients.*.retry.pushback.obey": _pushback("G.retry.pushback=obey", "pushback: null"),
    "clients.*.retry.pushback.clamp.most_added": _pushback("G.retry.pushback.clamp.most_added=1ms", "pushback: clamp"),
    "clients.*.retry.pushback.at_least.max_interval": _pushback(
        "G.retry.pushback.at_least.max_interval=20ms", "pushback: at_least"
    ),
    "services.*.pushback.statuses.[]": _pushback("S.pushback.statuses=[503]", "pushback: obey"),
    "services.*.pushback.wait": _pushback("S.pushback.wait=never", "pushback: obey"),
    "services.*.expiry.after": change("S.expiry.after=60ms", *LATE, CROWD),
    "services.*.expiry.since": change("S.expiry.since=sent", *LATE, "timeline=[{at: 0s, pause: {for: 200ms}}]"),
    "services.*.expiry.cost": change("S.expiry.cost=9ms", *LATE, CROWD),
    "services.*.expiry.status": change("S.expiry.status=504", *LATE, CROWD),
    "services.*.relay.client": change("S.relay={client: q, service: b}", *RELAY, "clients.q={overhead: 5ms}"),
    "services.*.relay.service": change("S.relay={client: r, service: c}", *RELAY, "services.c={service_time: 9ms}"),
    "services.*.relay.propagates_deadline": change(
        "S.relay.propagates_deadline=true", *RELAY, "G.timeout=30ms", "services.b.service_time=50ms"
    ),
}  # fmt: skip
