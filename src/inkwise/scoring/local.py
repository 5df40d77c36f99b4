"""Shards computed by processes of this machine.

Each process is started anew (spawn), loads the model once, and ends when the one that started it does, however that
came about. Where a process dies over a shard, the shard is computed again alone, and where it dies again, image by
image, so that one image that brings a decoder down costs its own row and nothing else.
"""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from multiprocessing.connection import wait as wait_for
from typing import Final, Literal

from inkwise.errors import RunError
from inkwise.scoring.worker import Result, Shard, Task, Worker

START: Literal["spawn", "forkserver"] = "spawn"  # a process begins with no lock or thread of ours
_AHEAD: Final = 2  # shards beyond one for each process, so that none waits for work
_DIED: Final = "the process that read it died over it twice, of too little memory or a defect; leave it out"

_worker: Worker | None = None  # of this process, where it is one of the pool's


def run_here(task: Task, shards: Iterable[Shard]) -> Generator[tuple[int, Result], None, None]:
    """Yield each shard's number and result, computed in this process."""
    worker = Worker(task)
    for shard in shards:
        yield shard.number, worker.score(shard)


def run_local(task: Task, shards: Iterable[Shard], workers: int) -> Generator[tuple[int, Result], None, None]:
    """Yield each shard's number and result as they come, computed by `workers` processes.

    No more shards than workers and two are taken ahead.

    Raises:
        RunError: processes die before they are given anything.
        ModelError: the model changed meanwhile, or its weights are damaged.
    """
    rest = iter(shards)
    suspects: deque[Shard] = deque()
    while True:
        with _pool(task, workers) as pool:
            died: list[Shard] = []
            pending: dict[Future[Result], Shard] = {}
            while not died:
                for shard in rest:
                    pending[_submit(pool, shard)] = shard
                    if len(pending) >= workers + _AHEAD:
                        break
                if not pending:
                    break
                for future in wait(pending, return_when=FIRST_COMPLETED).done:
                    shard = pending.pop(future)
                    try:
                        yield shard.number, future.result()
                    except BrokenProcessPool:
                        died.append(shard)
            if not died:
                return
            for future, shard in pending.items():  # the pool is gone; what was ready is kept
                try:
                    yield shard.number, future.result()
                except BrokenProcessPool:
                    died.append(shard)
        suspects.extend(sorted(died))
        while suspects:
            yield _alone(task, suspects.popleft())


def _alone(task: Task, shard: Shard) -> tuple[int, Result]:
    """A shard over which a process may have died, computed with no other beside it."""
    result = _attempt(task, shard)
    if result is not None:
        return shard.number, result
    items, fatal = list(shard.items), set(_fatal(task, shard))
    for place in fatal:
        items[place] = items[place]._replace(fault=_DIED)
    result = _attempt(task, shard._replace(items=items))
    if result is None:
        raise RunError(
            f"A process died again and again over the images from {items[0].name} to {items[-1].name}; free some "
            "memory, or give a smaller --shard, and run the same command again."
        )
    return shard.number, result


def _fatal(task: Task, shard: Shard) -> Iterator[int]:
    """The places of items over which a process dies with no other beside them."""
    places = iter(range(len(shard.items)))
    again = True
    while again:
        again = False
        with _pool(task, 1) as pool:
            for place in places:
                one = Shard(shard.number, [shard.items[place]], [shard.payloads[place]])
                try:
                    _submit(pool, one).result()
                except BrokenProcessPool:
                    if _attempt(task, one) is None:
                        yield place
                    again = True
                    break


def _attempt(task: Task, shard: Shard) -> Result | None:
    """The result; None where the process died."""
    with _pool(task, 1) as pool:
        try:
            return _submit(pool, shard).result()
        except BrokenProcessPool:
            return None


@contextmanager
def _pool(task: Task, workers: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that are gone when the block ends, whether they were done or not."""
    others = set(multiprocessing.active_children())
    context = multiprocessing.get_context(START)
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(task,))
    try:
        yield pool
    finally:
        ours = set(multiprocessing.active_children()) - others
        pool.shutdown(wait=False, cancel_futures=True)
        for process in ours:
            process.kill()
        for process in ours:
            process.join()


def _submit(pool: ProcessPoolExecutor, shard: Shard) -> "Future[Result]":
    """Hand a shard over; Ctrl-C waits meanwhile, so that processes begin without an ear for it."""
    with _deaf():
        try:
            return pool.submit(_score, shard)
        except BrokenProcessPool:
            failed: Future[Result] = Future()
            failed.set_exception(BrokenProcessPool())
            return failed


@contextmanager
def _deaf() -> Iterator[None]:
    """Keep signals waiting, where the system can; processes that begin meanwhile never hear them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(task: Task) -> None:
    """Make this process one of the pool's."""
    global _worker  # noqa: PLW0603 (a process has one)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is for the one that started us
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    _worker = Worker(task)


def _end_with(sentinel: int) -> None:
    with suppress(OSError):
        wait_for([sentinel])
    os._exit(1)


def _score(shard: Shard) -> Result:
    assert _worker is not None
    return _worker.score(shard)
