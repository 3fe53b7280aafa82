"""Certificate: one leaf: its time, and whose signature it bears. Not its key, which costs CPU time alone."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sim.engine.timers import NEVER


class Flaw(StrEnum):
    """Why a peer does not accept what an end shows."""

    NONE = ""
    ABSENT = "absent"
    """It has none to show: its issuer has not answered yet."""
    EXPIRED = "expired"
    """Its time is over, or has not begun, by the clock of who looks (x509.Expired)."""
    UNKNOWN_AUTHORITY = "unknown authority"
    """Its issuer is not trusted any more (x509.UnknownAuthorityError)."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What an end shows. TLS looks at it in the handshake alone."""

    not_before: int = -NEVER
    not_after: int = NEVER
    issuer: Any = None
    """Who signed it, where that matters: asked whether it is trusted."""
    generation: int = 0
    """With which of the issuer's own certificates it was signed, from 0."""

    def flaw(self, now: int) -> Flaw:
        """What a peer whose clock shows `now` finds wrong (crypto/x509, Certificate.Verify).

        Simplified: of a certificate with two flaws the authority is named.
        """
        if self.issuer is not None and self.generation < self.issuer.trusted_from:
            return Flaw.UNKNOWN_AUTHORITY
        return Flaw.NONE if self.not_before <= now <= self.not_after else Flaw.EXPIRED
