"""Rolling counts: what a gobreaker counts, whole or by buckets of which the oldest leave. Not when it opens.

Source: gobreaker v2/counter.go (Counts, rollingCounts). With one bucket nothing ever leaves: the counts of v1.
"""


class Counts:
    """Calls and how they ended since the last clearing; `in a row` means since the last end of the other kind."""

    __slots__ = ("exclusions", "failures", "failures_in_a_row", "requests", "successes", "successes_in_a_row")

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Begin at 0."""
        self.requests = self.successes = self.failures = self.exclusions = 0
        self.successes_in_a_row = self.failures_in_a_row = 0

    def succeed(self) -> None:
        """A success more."""
        self.successes += 1
        self.successes_in_a_row += 1
        self.failures_in_a_row = 0

    def fail(self) -> None:
        """A failure more."""
        self.failures += 1
        self.failures_in_a_row += 1
        self.successes_in_a_row = 0

    def exclude(self) -> None:
        """A result more that counts neither way."""
        self.exclusions += 1


class RollingCounts(Counts):
    """The sums over `n` buckets, each with counts of its own; results go to the bucket in which their calls began."""

    __slots__ = ("_buckets", "age")

    def __init__(self, n: int) -> None:
        self._buckets = [Counts() for _ in range(n)]
        super().__init__()

    def clear(self) -> None:
        super().clear()
        self.age = 0
        """Number of the current bucket, counted from 0 at the last clearing."""
        for bucket in self._buckets:
            bucket.clear()

    def begin(self) -> None:
        """A call more."""
        self.requests += 1
        self._bucket(self.age).requests += 1

    def is_kept(self, age: int) -> bool:
        """Whether the bucket of that number is still in the window."""
        return 0 <= self.age - age < len(self._buckets)

    def succeed_of(self, age: int) -> None:
        """A success of a call that began in that bucket."""
        self.succeed()
        self._bucket(age).succeed()

    def fail_of(self, age: int) -> None:
        """A failure of a call that began in that bucket."""
        self.fail()
        self._bucket(age).fail()

    def exclude_of(self, age: int) -> None:
        """An excluded result of a call that began in that bucket."""
        self.exclude()
        self._bucket(age).exclude()

    def grow(self, age: int) -> None:
        """Make the bucket of that number the current one; after a whole window without a look all is forgotten."""
        if age - self.age >= len(self._buckets):
            self.clear()
            self.age = age
        while self.age < age:
            self.age += 1
            self._drop(self._bucket(self.age))

    def _bucket(self, age: int) -> Counts:
        return self._buckets[age % len(self._buckets)]

    def _drop(self, oldest: Counts) -> None:
        """Take the oldest bucket out; a row is shortened only where it fills all that is left of the window."""
        others = [bucket for bucket in self._buckets if bucket is not oldest]
        if self.successes_in_a_row == oldest.successes_in_a_row + sum(each.successes for each in others):
            self.successes_in_a_row -= oldest.successes_in_a_row
        if self.failures_in_a_row == oldest.failures_in_a_row + sum(each.failures for each in others):
            self.failures_in_a_row -= oldest.failures_in_a_row
        self.requests -= oldest.requests
        self.successes -= oldest.successes
        self.failures -= oldest.failures
        self.exclusions -= oldest.exclusions
        oldest.clear()
