"""Shards computed by Ray: on the cluster that is there, or on one that is started here and ends with the job.

Images and model are read by path, so all machines must see them under the same names. A worker that dies is Ray's to
replace; its shard is computed again and comes out the same. Ray's usage statistics are off. Needs the extra "cluster".
"""

import os
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from inkwise.errors import InkwiseError, RunError, UsageError
from inkwise.scoring.worker import Result, Shard, Task, Worker

if TYPE_CHECKING:
    from types import ModuleType

_AHEAD = 2  # shards beyond one for each processor
_TRIES = 5  # times that Ray computes a shard anew after its worker died


def run_ray(task: Task, shards: Iterable[Shard], workers: int | None) -> Generator[tuple[int, Result], None, None]:
    """Yield each shard's number and result as they come.

    Args:
        task: what to do with each.
        shards: taken as there is room, no more than workers and two ahead.
        workers: shards at the same time; None for as many as the cluster has processors.

    Raises:
        RunError: the cluster cannot be reached or started, or workers die over a shard again and again.
        UsageError: Ray is not installed.
        ModelError: the model changed meanwhile, or its weights are damaged.
    """
    ray = import_ray()
    with _cluster(ray, workers):
        score = ray.remote(max_retries=_TRIES, num_cpus=1)(_score)
        room = (workers or max(1, int(ray.cluster_resources().get("CPU", 1)))) + _AHEAD
        rest, pending = iter(shards), {}
        while True:
            for shard in rest:
                pending[score.remote(task, shard)] = shard
                if len(pending) >= room:
                    break
            if not pending:
                return
            done, _ = ray.wait(list(pending), num_returns=1)
            for reference in done:
                shard = pending.pop(reference)
                try:
                    yield shard.number, ray.get(reference)
                except ray.exceptions.RayError as error:
                    if isinstance(getattr(error, "cause", None), InkwiseError):
                        raise error.cause from error
                    raise RunError(
                        f"Ray could not compute the images from {shard.items[0].name} to {shard.items[-1].name} "
                        f"({type(error).__name__}); see Ray's logs, and run the same command again."
                    ) from error


def import_ray() -> "ModuleType":
    """Return Ray, with its usage statistics off; UsageError where it is not installed."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    try:
        import ray
    except ModuleNotFoundError as error:
        raise UsageError(
            'The engine ray needs Ray; install it with pip install "inkwise[cluster]", or use --engine local.'
        ) from error
    found: ModuleType = ray  # Any where it is not installed
    return found


@contextmanager
def _cluster(ray: Any, workers: int | None) -> Iterator[None]:
    """Ray's cluster: the one that $RAY_ADDRESS names or that runs on this machine, else one of our own."""
    quiet = {"log_to_driver": False, "logging_level": "ERROR"}
    if ray.is_initialized():  # by who called us, who also ends it
        yield
        return
    try:
        try:
            ray.init(address="auto", **quiet)
        except ConnectionError:
            if "RAY_ADDRESS" in os.environ:
                raise
            ray.init(address="local", num_cpus=workers, include_dashboard=False, **quiet)
    except (ConnectionError, RuntimeError, OSError, ValueError) as error:
        where = os.environ.get("RAY_ADDRESS", "this machine")
        raise RunError(f"Ray's cluster at {where} cannot be reached or started: {error}.") from error
    try:
        yield
    finally:
        with suppress(Exception):  # its end is no failure of the job
            ray.shutdown()


def _score(task: Task, shard: Shard) -> Result:
    return _worker(task).score(shard)


@cache
def _worker(task: Task) -> Worker:
    return Worker(task)
