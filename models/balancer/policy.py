"""Policy: how one of several members is chosen. What all policies have; each has a file of its own."""

from collections.abc import Sequence

from models.balancer.member import Member, Result


class Policy:
    """A choice among members. It is told who they are, the time, and how requests end; it schedules nothing."""

    counts = False
    """Whether it needs `active` of the members to be counted."""
    hears = False
    """Whether it wants to hear how requests end; then they are counted, too."""
    members: Sequence[Member] = ()

    def take(self, members: Sequence[Member], now: int, *, is_even: bool) -> None:
        """Choose among these from now on, at least one; `is_even` says that their weights are equal for good."""
        self.members = members
        self.changed(now, is_even=is_even)

    def changed(self, now: int, *, is_even: bool) -> None:
        """Members or weights are other ones."""

    def pick(self, now: int, key: int) -> Member:
        """Choose one; `key` is what is hashed, for those that hash."""
        raise NotImplementedError

    def began(self, member: Member, now: int) -> None:
        """Something was placed on `member`, which counts it already."""

    def left(self, member: Member, now: int) -> None:
        """Something that was placed on `member` is gone; it is counted no more."""

    def ended(self, member: Member, result: Result) -> None:
        """How a request ended that was placed on `member`; `left` comes before it."""
