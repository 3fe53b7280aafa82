"""A Dask cluster as an executor of the standard library's kind. Starts none: scheduler and workers are there."""

import asyncio
import logging
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from sim.study.trial import Outcome
from sim.units import InputError
from sim.version import identity

Client = Any
"""distributed.Client; the package is optional, and has few types."""

CONNECT_S = 5
"""How long a scheduler may take to answer, in seconds; a line about it is there within ten."""
ASK_S = 6
"""How long workers may take to say who they are."""
FRESH_S = 5
"""How long the answer to which calls workers have is used for more than one of them."""
LEAST_WINDOW = 64
WINDOW_PER_THREAD = 4
"""Trials handed to the scheduler at a time: enough for workers that join, and no books for a hundred thousand."""


class OtherVersion(Exception):
    """A worker would compute something else than this process."""


@contextmanager
def cluster(address: str) -> Iterator["Cluster"]:
    """The cluster of a scheduler, whose workers were all found to be of our version.

    Raises
    ------
    InputError
        Where `distributed` is not installed, nobody answers within ten seconds, there is no worker, or one differs.
    """
    client = _client(address)
    log = logging.getLogger("distributed.client")
    before = log.level
    log.setLevel(logging.CRITICAL)  # of a scheduler that is gone it tells in tracebacks what we say in a line
    try:
        _check_workers(client, address)
        yield Cluster(client, address)
    finally:
        client.close(timeout=2)
        log.setLevel(before)


class Call(Future[Any]):
    """A call on the cluster; while a worker has it, it is not dropped: what is under way when a sweep ends is kept."""

    def __init__(self, is_with_worker: Callable[[], bool]) -> None:
        super().__init__()
        self._is_with_worker = is_with_worker

    def cancel(self) -> bool:
        """Drop the call, unless a worker has it."""
        return not (self.done() or self._is_with_worker()) and super().cancel()


class Cluster(Executor):
    """Runs calls on a cluster; a worker that is lost costs nothing but the time, its calls are run elsewhere.

    What a call raises or returns is its future's, with two exceptions: a trial that took its workers down with it, one
    after the other, is an `Outcome` that says so; a worker of another version, or a lost scheduler, is an InputError.
    """

    def __init__(self, client: Client, address: str) -> None:
        self._client, self._address = client, address
        # not pure: a key of its own for each call, never an older result of somebody else's
        self._executor = client.get_executor(pure=False)
        self._processing: tuple[float, set[str]] = (-FRESH_S, set())

    @property
    def window(self) -> int:
        """How many calls to hand it at a time."""
        workers = self._client.scheduler_info(n_workers=-1)["workers"].values()
        threads: int = sum(worker["nthreads"] for worker in workers)
        return max(LEAST_WINDOW, WINDOW_PER_THREAD * threads)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """A future of the call on some worker that, when it comes to it, still is of our version.

        One that a worker has cannot be cancelled.
        """
        key = f"trial-{uuid.uuid4().hex}"
        ours: Future[Any] = Call(lambda: key in self._with_workers())
        theirs = self._executor.submit(call_as, identity(), fn, args, kwargs, key=key)
        theirs.add_done_callback(lambda done: self._pass_on(done, ours))
        ours.add_done_callback(lambda own: own.cancelled() and theirs.cancel())
        return ours

    def _with_workers(self) -> set[str]:
        """The keys that workers have; asked for once, as all that is left is cancelled at the same time."""
        asked, found = self._processing
        if time.monotonic() - asked > FRESH_S:
            found = {key for keys in _processing(self._client).values() for key in keys}
            self._processing = time.monotonic(), found
        return found

    def _pass_on(self, done: "Future[Any]", ours: "Future[Any]") -> None:
        if not ours.set_running_or_notify_cancel():
            return
        try:
            ours.set_result(done.result())
        except CancelledError:
            ours.set_exception(
                InputError(f"{self._address}: the scheduler is gone; what was done is kept, the same line goes on")
            )
        except OtherVersion as error:
            ours.set_exception(InputError(str(error)))
        except Exception as error:  # noqa: BLE001  whatever a worker raises is the future's, as in any executor
            if type(error).__name__ == "KilledWorker":
                ours.set_result(Outcome(error=f"KilledWorker: {' '.join(str(error).split())}"))
            else:
                ours.set_exception(error)


def call_as(  # parameters: who the sender is, and a call
    wanted: Mapping[str, str], fn: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> Any:
    """On a worker: the call, where the worker is who the sender is; it may have joined after the others were asked."""
    if difference := _difference(identity(), wanted):
        raise OtherVersion(f"worker {import_module('distributed').get_worker().address}: {difference}")
    return fn(*args, **kwargs)


def _client(address: str) -> Client:
    """Connect; a scheduler is asked who it is first, as a client that could not connect is hard to get rid of."""
    try:
        distributed = import_module("distributed")
    except ImportError:
        raise InputError("executor dask: distributed is not installed; pip install 'transport-sim[cluster]'") from None
    try:
        with ThreadPoolExecutor(1) as aside:  # a notebook has a loop of its own in this thread
            found = aside.submit(asyncio.run, asyncio.wait_for(_kind(address), CONNECT_S)).result()
        if found == "Scheduler":
            return distributed.Client(address, timeout=CONNECT_S, set_as_default=False)
        reason = f"is a {found}"
    except Exception as error:  # noqa: BLE001  whatever listens there may answer with anything
        reason = "no scheduler answers there" if isinstance(error, OSError | MemoryError) else str(error).rstrip(".")
    raise InputError(
        f"scheduler {address}: {reason}; start one with `dask scheduler`, and give the address that it prints,"
        " such as tcp://10.0.0.1:8786"
    )


async def _kind(address: str) -> str:
    async with import_module("distributed.core").rpc(address) as there:
        return str((await there.identity())["type"])


def _check_workers(client: Client, address: str) -> None:
    """Ask every worker who it is; InputError names the first that differs."""
    try:
        client.wait_for_workers(1, timeout=2)
    except TimeoutError:
        raise InputError(
            f"scheduler {address}: has no worker; start some with `dask worker {address} --nthreads 1`"
        ) from None
    wanted = identity()
    for worker, found in sorted(_identities(client, address).items()):
        if difference := _difference(found, wanted):
            raise InputError(f"worker {worker}: {difference}")


def _identities(client: Client, address: str) -> dict[str, Any]:
    """Worker to its versions, or to what it raised."""
    try:
        found: dict[str, Any] = client.sync(_in_time, client.run, identity, on_error="return")
    except TimeoutError:
        raise InputError(f"scheduler {address}: its workers do not answer within {ASK_S} s; restart them") from None
    return found


def _processing(client: Client) -> dict[str, Any]:
    """Worker to the keys that it has; none where the scheduler does not answer."""
    try:
        found: dict[str, Any] = client.sync(_in_time, client.processing)
    except (TimeoutError, OSError):
        return {}
    return found


async def _in_time(ask: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    return await asyncio.wait_for(ask(*args, **kwargs), ASK_S)


def _difference(found: Any, wanted: Mapping[str, str]) -> str:
    """In words, with the way out; empty where there is none."""
    out = "stop it, or install there what is here"
    if not isinstance(found, Mapping):
        return f"has no transport-sim of our kind ({type(found).__name__}: {found}); {out}"
    other = [
        f"{name} {found.get(name)} is not {version}" for name, version in wanted.items() if found.get(name) != version
    ]
    return f"{', '.join(other)}; {out}" if other else ""
