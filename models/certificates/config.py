"""What a user says about certificates and who issues them. Not keys and handshakes, which tls has.

Sources: SPIRE pkg/server/credtemplate, pkg/common/rotationutil, pkg/agent/manager, pkg/agent/common/backoff; Istio
pilot/cmd/pilot-agent/options, security/pkg/nodeagent/cache; project file reference/protocols.md, 9.4 and 9.5.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Lt

from sim.units import HOUR, MINUTE, MS, SECOND, Duration, SignedDuration, format_duration, format_signed_duration

_ISTIO = {"lifetime": "24h", "backdating": "2m", "jitter": 0.01, "check": "0s"}
"""Workload certificates of Istio: renewed once at half life, a hundredth of it earlier or later."""
LEAST_GRACE = 12 * HOUR
"""An availability_target that leaves no more than this of the lifetime is ignored (SPIRE, rotationutil)."""
TARGET_SPREAD = 10 * MINUTE
"""So much before availability_target the draws begin (SPIRE, rotationutil)."""
Delivery = Literal["push", "mounted_secret", "watch"]
"""How a new certificate comes from whoever asked for it to the program that shows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerConfig:
    """Who signs certificates, for how long, and how its agents renew them."""

    preset: Literal["spire", "istio"] = "spire"
    """Which defaults the omitted keys take: those of SPIRE's X509-SVIDs, or of Istio's workload certificates: lifetime
    24h, backdating 2m, jitter 0.01, check 0s."""
    lifetime: Annotated[Duration, Gt(0)] = HOUR
    """From the signing to NotAfter. SPIRE: 1 h."""
    backdating: Duration = 10 * SECOND
    """How long before the signing NotBefore lies, for peers whose clocks are slow. SPIRE: 10 s."""
    renew_at: Annotated[float, Gt(0), Lt(1)] = 0.5
    """Share of its life that a certificate has left when it is renewed."""
    jitter: Annotated[float, Ge(0), Lt(1)] = 0.05
    """By how much of its life that is spread, evenly, to either side. SPIRE: a tenth of the half life, so 0.05."""
    check: Duration = 5 * SECOND
    """How often an agent looks, each time with a jitter that it draws anew, so that the first of ever likelier draws
    decides. SPIRE: 5 s. 0 means that the instant is drawn once."""
    availability_target: Duration = 0
    """How much life is left at least at a renewal, in the place of `renew_at`: draws begin 10 min before. SPIRE ignores
    one that leaves no more than 12 h of the lifetime. 0 means none."""
    backoff_max: Annotated[Duration, Gt(0)] = 4 * MINUTE
    """Longest pause of an agent that does not reach the issuer, from one `check` on, by half longer each time. SPIRE:
    4 min."""
    delivery: Delivery = "push"
    """push: the agent pushes a new secret on a stream (SDS), which is used at once; mounted_secret: it is written to a
    Kubernetes secret, and the kubelet's sync and a debounce stand before its use; watch: the secret is watched by
    itself, so that the debounce alone does."""
    sync: Duration = 90 * SECOND
    """With mounted_secret: within which time the kubelet brings a changed secret to the pod, all delays equally likely
    (60 to 90 s)."""
    debounce: Duration = 100 * MS
    """With mounted_secret and watch: how long a program waits for more changes before it loads. Istio: 100 ms."""
    ages: Literal["spread", "new"] = "spread"
    """How old certificates are at the start: spread as in a fleet that has renewed for long, or all new."""

    def __post_init__(self) -> None:
        if self.renew_at + self.jitter >= 1 or self.renew_at <= self.jitter:
            raise ValueError(
                f"jitter: {self.jitter:g} on either side of renew_at, {self.renew_at:g}, leaves the life of a"
                " certificate; lower it"
            )
        if self.availability_target >= self.lifetime:
            left = format_duration(self.availability_target)
            raise ValueError(f"availability_target: {left} is no part of the lifetime; write a longer lifetime")
        if self.spread[0] > self.lifetime:
            first, lifetime = format_duration(round(self.spread[0])), format_duration(self.lifetime)
            raise ValueError(
                f"lifetime: a renewal may come when {first} is left, more than the {lifetime} of a new certificate;"
                " write a longer lifetime"
            )
        needs = self.check + (self.sync if self.delivery == "mounted_secret" else 0)
        needs += self.debounce if self.delivery != "push" else 0
        if needs >= self.least_left:
            left = format_duration(round(self.least_left))
            raise ValueError(
                f"lifetime: a renewal may come when {left} is left, and takes up to {format_duration(needs)} to be"
                " used; write a longer lifetime"
            )

    @property
    def spread(self) -> tuple[float, float]:
        """How much life is left when the first draw may renew, and when the last one does, ns."""
        if self.availability_target and self.lifetime - self.availability_target > LEAST_GRACE:
            return float(self.availability_target + TARGET_SPREAD), float(self.availability_target)
        # SPIRE halves from NotBefore (rotationutil), Istio counts from the signing (secretcache.rotateTime)
        life = self.lifetime + (self.backdating if self.check else 0)
        return (self.renew_at + self.jitter) * life, (self.renew_at - self.jitter) * life

    @property
    def least_left(self) -> float:
        """How much life is left at least when it is renewed, ns."""
        return self.spread[1]

    @classmethod
    def __fill__(cls, tree: Any) -> Any:
        """Give what was omitted the values of the preset; a bare name is one."""
        if isinstance(tree, str):
            tree = {"preset": tree}
        return {**_ISTIO, **tree} if isinstance(tree, dict) and tree.get("preset") == "istio" else tree


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateConfig:
    """The certificate of a service's backends."""

    issuer: str = ""
    """The issuer that each backend, or instance, has a certificate of its own from, and renews it; left out, there is
    one for all, which is never renewed."""
    not_before: SignedDuration | None = None
    """Without issuer: when its time begins, from the start of the run; absent means long ago."""
    not_after: SignedDuration | None = None
    """Without issuer: when its time is over, from the start of the run; absent means long after the end."""

    def __post_init__(self) -> None:
        if self.issuer and (self.not_before is not None or self.not_after is not None):
            key = "not_after" if self.not_before is None else "not_before"
            raise ValueError(f"{key}: {self.issuer} decides about that; leave out one of the two")
        if self.not_before is not None and self.not_after is not None and self.not_after <= self.not_before:
            begins, ends = format_signed_duration(self.not_before), format_signed_duration(self.not_after)
            raise ValueError(f"not_after: {ends} does not lie behind not_before, {begins}; write a later one")

    @property
    def is_watched(self) -> bool:
        """Whether its time matters."""
        return bool(self.issuer) or self.not_before is not None or self.not_after is not None


Key = Literal["ecdsa_p256", "ecdsa_p384", "ed25519", "rsa_2048", "rsa_3072", "rsa_4096"]
"""Types of keys that were measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCertificateConfig(CertificateConfig):
    """The certificate that a client shows to services that ask for one."""

    key: Key = "ecdsa_p256"
    """Type of its key, which decides what signing costs the client and verifying costs the server."""
