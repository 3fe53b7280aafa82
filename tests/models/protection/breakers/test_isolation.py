"""How many calls of a Hystrix command are under way, who waits, and whose turn is next."""

from models.protection.breakers.isolation import Semaphore, ThreadPool
from models.protection.guard import AT_ONCE, UNTIL_LET_IN, Outcome, Pass

NOW = 1_000
DONE = Outcome(NOW, 0)


def a_full_pool(max_queue_size: int = -1, rejection_threshold: int = 5) -> tuple[ThreadPool, list[Pass]]:
    pool = ThreadPool(10, max_queue_size, rejection_threshold)
    passes = [pool.ask(NOW) for _ in range(10)]
    return pool, [each for each in passes if each is not None]


def test_ten_threads_take_ten_calls_at_once_and_the_eleventh_is_refused() -> None:
    pool, passes = a_full_pool()

    assert [each.wait for each in passes] == [0] * 10
    assert pool.ask(NOW) is None
    assert pool.reason == "thread_pool_rejected"


def test_a_thread_is_free_again_when_its_call_has_ended_or_never_began() -> None:
    pool, passes = a_full_pool()

    pool.ended(passes[0].ticket, DONE)
    pool.withdrawn(passes[1].ticket, NOW)

    assert [pool.ask(NOW) is None for _ in range(3)] == [False, False, True]


def test_a_queue_refuses_from_its_threshold_on_however_long_it_is() -> None:
    pool, _ = a_full_pool(max_queue_size=100)

    waiting = [pool.ask(NOW) for _ in range(6)]

    assert [each and each.wait for each in waiting] == [UNTIL_LET_IN] * 5 + [None]


def test_a_queue_that_is_shorter_than_its_threshold_refuses_when_it_is_full() -> None:
    pool, _ = a_full_pool(max_queue_size=2)

    assert [pool.ask(NOW) is None for _ in range(3)] == [False, False, True]


def test_a_threshold_of_0_refuses_all() -> None:
    assert ThreadPool(10, 100, 0).ask(NOW) is None


def test_who_waits_is_let_in_when_a_thread_is_free() -> None:
    pool, passes = a_full_pool(max_queue_size=100)
    waiting = [pool.ask(NOW) for _ in range(3)]
    tickets = [each.ticket for each in waiting if each is not None]

    pool.withdrawn(tickets[1], NOW + 1)
    assert not pool.let_in(NOW + 1), "nobody has left his thread"
    for place in range(2):
        pool.ended(passes[place].ticket, Outcome(NOW + 2 + place, 0))
        assert pool.let_in(NOW + 2 + place)
    pool.ended(passes[2].ticket, Outcome(NOW + 5, 0))

    assert not pool.let_in(NOW + 5), "nobody waits any more"
    assert pool.busy == 9


def test_a_semaphore_lets_as_many_pass_as_it_has_permits() -> None:
    semaphore = Semaphore(2)

    assert [semaphore.ask(NOW) for _ in range(3)] == [AT_ONCE, AT_ONCE, None]
    semaphore.ended(0, DONE)
    semaphore.withdrawn(0, NOW)
    assert semaphore.busy == 0
    assert semaphore.refusal_text == "could not acquire a semaphore for execution"
