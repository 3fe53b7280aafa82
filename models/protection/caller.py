"""Caller: the code of an instance around its calls of a service: guards, retries, hedges. Not Do, which it calls.

From outside in: the whole call with its deadline, the retries, the guards in the order in which they are listed; each
try asks them anew (as resilience4j's decorators do: Retry(CircuitBreaker(RateLimiter(call)))).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from models.protection import verdict
from models.protection.call import Again, Call, Try
from models.protection.guard import UNTIL_LET_IN, Outcome
from models.protection.retry.backoff import Backoff
from models.protection.retry.budget import Budget
from models.protection.retry.config import HedgeConfig, RetryConfig
from models.protection.retry.pushback import NEVER as NOT_AGAIN
from models.protection.retry.pushback import Asked, Pause, Pushback
from models.protection.rules.action import RetryAction
from models.protection.rules.rules import NONE, Rules
from models.protection.watch import LET_IN, Watch, inside_out, turn_back
from models.request import Request
from models.status import TOO_MANY_REQUESTS
from models.transport import errors
from sim.engine.timers import NEVER


@dataclass(frozen=True, slots=True)
class Ways:
    """How an instance protects its calls of a service; shared state is inside."""

    guards: Sequence[Watch]
    retry: RetryConfig
    backoff: Backoff
    budget: Budget
    hedge: HedgeConfig | None
    failed_statuses: frozenset[int]
    """Statuses below 500 that count as failed."""
    rules: Rules | None = None
    """What is done about ends of a kind; the guards that this asks for are among `guards`."""
    pushback: Pushback = Pushback()
    """What is made of waits that the service asks for."""


class Told(NamedTuple):
    """What was said about trying again after an end."""

    by_rule: RetryAction | None = None
    by_service: Asked | None = None


class Caller:
    """One instance's calls of one service."""

    __slots__ = ("_choose", "_engine", "_kinds", "_log", "_transport", "_ways", "calls")

    def __init__(
        self, transport: Any, ways: Ways, choose: Callable[[], Any], log: Callable[[Call, Request], object]
    ) -> None:
        self._transport, self._engine, self._ways = transport, transport.engine, ways
        self._choose, self._log = choose, log
        self._kinds = frozenset(ways.retry.on)
        self.calls: dict[Call, None] = {}
        """Those that are under way."""

    def send(self, request: Request, again: Again) -> Call:
        """Do, with everything that protects it; `request` is the first try."""
        now, within = self._engine._now, self._ways.retry.within
        call = Call(request, again, min(now + within if within else NEVER, request.gives_up_at))
        self.calls[call] = None
        self._ways.budget.sent(now)
        if within:
            self._engine.call_at(now + within, self._expire, call)
        self._begin(Try(call, request, is_retry=False))
        if self._ways.hedge is not None and not call.is_over:
            self._engine.call_in(self._ways.hedge.after, self._hedge, call)
        return call

    def cancel(self, call: Call) -> None:
        """Its customer leaves."""
        self._give_up(call, errors.CANCELED)

    def cut_off(self) -> None:
        """The run ends: what is under way is recorded as pending."""
        for call in tuple(self.calls):
            for one in call.running:
                if not one.is_sent:  # its guards are not told: they would let others in
                    self._stands_no_more(one, self._engine._now)
                    self._transport.refuse(one.request, 0, errors.CUT_OFF)
            call.first.status, call.first.err = 0, errors.CUT_OFF
            self._log(call, call.first)

    # one try

    def _begin(self, one: Try) -> None:
        call = one.call
        call.tries += 1
        one.number = call.tries
        call.running[one] = None
        self._ways.budget.began()
        self._ask(one)

    def _over(self, one: Try) -> None:
        """It is not under way any more."""
        one.call.running.pop(one, None)
        self._ways.budget.done()
        if one.is_retry:
            self._ways.budget.finished()

    def _ask(self, one: Try) -> None:
        """Ask the guards that have not been asked yet; one that delays is asked nothing more."""
        now = self._engine._now
        if one.request.done:
            return
        for guard in self._ways.guards[len(one.admitted) :]:
            passed = guard.ask(now)
            if passed is None:
                self._refused(one, guard, now)
                return
            one.admitted.append((passed.ticket, now + passed.wait))
            if guard.guard.timeout:
                one.ends_at = min(one.ends_at, now + guard.guard.timeout)
                self._engine.call_in(guard.guard.timeout, self._overtime, (one, len(one.admitted)))
            if passed.wait == UNTIL_LET_IN:
                one.stands_since = now
                guard.waiting[one] = partial(self._let_in, one)
                return
            if passed.wait:
                one.call.wait(now, passed.wait)
                self._engine.call_in(passed.wait, self._ask, one)
                return
        self._go(one, now)

    def _let_in(self, one: Try) -> None:
        now = self._engine._now
        one.admitted[-1] = (LET_IN, now)
        self._stands_no_more(one, now)
        self._ask(one)

    def _stands_no_more(self, one: Try, now: int) -> None:
        if one.stands_since is not None:
            one.call.waits += now - one.stands_since
            one.stands_since = None

    def _go(self, one: Try, now: int) -> None:
        request = one.request
        one.is_sent = True
        request.t_getconn = now
        request.on_done = lambda _: self._ended(one)
        request.gives_up_at = one.ends_at
        after = self._ways.retry.per_try_timeout
        if after:
            request.gives_up_at = min(now + after, one.ends_at)
            self._engine.call_in(after, self._try_expires, one)
        self._transport.do(request)

    def _refused(self, one: Try, guard: Watch, now: int) -> None:
        turn_back(self._ways.guards, one.admitted, now)
        call, ways = one.call, self._ways
        call.refused += 1
        self._over(one)
        status, text = guard.refusal
        self._transport.refuse(one.request, status, "" if status else text)
        rule = NONE if ways.rules is None else ways.rules.look(one.request, one.number, now, is_refused=True)
        if not guard.guard.is_final:
            self._next(call, one.request, {"refused"}, Told(self._action(rule)))
        elif not call.running:
            self._finish(call, one.request)

    def _withdraw(self, one: Try, now: int) -> None:
        for guard, (ticket, _) in inside_out(self._ways.guards, one.admitted):
            guard.withdrawn(ticket, now, one)
        one.admitted.clear()

    def _try_expires(self, one: Try) -> None:
        if not one.request.done:
            self._transport.cancel(one.request, errors.DEADLINE_EXCEEDED)

    def _overtime(self, overtime: tuple[Try, int]) -> None:
        """The time-out of the last of so many guards is over. Those behind it have let pass what never begins."""
        one, n = overtime
        request, now = one.request, self._engine._now
        if request.done:
            return
        self._ways.guards[n - 1].timed_out(one)
        if one.is_sent:
            self._transport.cancel(request, errors.DEADLINE_EXCEEDED)
            return
        self._stands_no_more(one, now)
        self._transport.refuse(request, 0, errors.DEADLINE_EXCEEDED)
        for guard, (ticket, _) in inside_out(self._ways.guards[n:], one.admitted[n:]):
            guard.withdrawn(ticket, now, one)
        del one.admitted[n:]
        self._ended(one)

    def _ended(self, one: Try) -> None:
        """Do has returned, or never came to it in time."""
        request, call, now = one.request, one.call, self._engine._now
        rules, is_failure = self._ways.rules, verdict.is_failure(request, self._ways.failed_statuses)
        is_ignored, is_timeout = verdict.is_ignored(request), verdict.is_timeout(request)
        is_throttled = not request.err and request.status == TOO_MANY_REQUESTS
        rule = NONE if rules is None or is_ignored else rules.look(request, one.number, now)
        for guard, (ticket, began_at) in inside_out(self._ways.guards, one.admitted):
            guard.ended(ticket, Outcome(now, began_at, is_failure, is_timeout, is_ignored, is_throttled, rule))
        self._over(one)
        if not call.is_over:
            is_good = not (is_failure or is_ignored or request.status in self._ways.retry.statuses)
            asked = None if request.err else self._ways.pushback.of(request.status)
            self._next(call, request, None if is_good else verdict.kinds_of(request), Told(self._action(rule), asked))

    def _action(self, rule: int) -> RetryAction | None:
        """What a rule says about trying again."""
        return None if self._ways.rules is None else self._ways.rules.retry_of(rule)

    # what comes next

    def _next(self, call: Call, request: Request, kinds: set[str] | None, told: Told) -> None:
        """After a try that failed in these ways, or succeeded (None); one that its caller gave up did neither."""
        now, budget, rule = self._engine._now, self._ways.budget, told.by_rule
        if kinds is None and (rule is None or call.retries >= rule.retries):
            budget.succeeded(now, call.paid)
            self._finish(call, request)
            return
        kinds = kinds or set()
        is_tried_again = bool(kinds & self._kinds) or request.status in self._ways.retry.statuses
        if rule is not None:
            is_tried_again = rule.retries > 0
        is_forbidden = rule is None and told.by_service == NOT_AGAIN
        if is_tried_again or is_forbidden:
            budget.failed(now)
        if call.running:
            return  # a copy is still under way
        is_tried_again = is_tried_again and not is_forbidden
        if not (is_tried_again and self._retries(call, now, told, kinds=kinds)):
            self._finish(call, request)

    def _retries(self, call: Call, now: int, told: Told, *, kinds: set[str]) -> bool:
        """Try again, if that may be and makes sense."""
        ways = self._ways
        if call.retries >= (told.by_rule or ways.retry).retries:
            return False
        wait, call.step = self._pause(call, told, kinds)
        if now + wait >= call.ends_at:
            return False
        paid = ways.budget.take(now, kinds)
        if paid is None:
            return False
        call.paid, call.last_wait = paid, wait
        call.retries += 1
        call.wait(now, wait)
        if wait:
            call.is_waiting = True
            self._engine.call_in(wait, self._again, call)
        else:
            self._again(call)
        return True

    def _pause(self, call: Call, told: Told, kinds: set[str]) -> Pause:
        """What comes before the next try: what a rule says, or what the service asks, or else the backoff."""
        ways, rule, asked = self._ways, told.by_rule, told.by_service
        if rule is not None and rule.after:
            return Pause(rule.after, call.step + 1)
        wait = ways.backoff.wait(call.step, call.last_wait, is_throttled="throttled" in kinds)
        usual = Pause(wait, call.step + 1)
        return ways.pushback.pause(asked if isinstance(asked, int) else None, usual)

    def _again(self, call: Call) -> None:
        call.is_waiting = False
        if call.is_over:
            self._ways.budget.finished()
            return
        self._begin(Try(call, call.again(call.first, self._engine._now, self._choose()), is_retry=True))

    def _hedge(self, call: Call) -> None:
        """No answer yet: ask once more beside it. Between two tries there is nothing to ask beside."""
        hedge, now = self._ways.hedge, self._engine._now
        if call.is_over or hedge is None or call.copies >= hedge.copies:
            return
        if call.is_waiting:  # for its next try: later than now, even where copies go out at once
            self._engine.call_in(max(hedge.after, call.last_wait), self._hedge, call)
            return
        if self._ways.budget.take(now, frozenset()) is not None:
            call.copies += 1
            self._begin(Try(call, call.again(call.first, now, self._choose()), is_retry=True))
            if not call.is_over:
                self._engine.call_in(hedge.after, self._hedge, call)

    # its end

    def _leave_guards(self, call: Call, err: str) -> None:
        """Tries that wait at a guard end there, all before a guard hears of it, which lets in who waits next."""
        leaving = [one for one in call.running if not one.is_sent]
        for one in leaving:
            self._over(one)
            self._stands_no_more(one, self._engine._now)
            self._transport.refuse(one.request, 0, err)
        for one in leaving:
            self._withdraw(one, self._engine._now)

    def _expire(self, call: Call) -> None:
        self._give_up(call, errors.DEADLINE_EXCEEDED)

    def _give_up(self, call: Call, err: str) -> None:
        if call.is_over:
            return
        self._leave_guards(call, err)
        for one in tuple(call.running):
            self._transport.cancel(one.request, err)
        if not call.is_over:  # it waited, for a guard or for its next try
            call.first.status, call.first.err = 0, err
            self._finish(call, call.first)

    def _finish(self, call: Call, last: Request) -> None:
        """The customer has its answer, that of `last`."""
        call.is_over = True
        del self.calls[call]
        self._ways.budget.ended()
        self._log(call, last)
        self._leave_guards(call, errors.CANCELED)
        for one in tuple(call.running):
            self._transport.cancel(one.request, errors.CANCELED)
        if call.on_done is not None:
            call.on_done(last)
