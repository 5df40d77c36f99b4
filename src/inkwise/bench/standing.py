"""What the runs of one contender come to: means, spreads and shares over its seeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import mean, median, stdev
from typing import Any

from inkwise.bench.book import Book, Run
from inkwise.bench.contender import FASTEST


@dataclass(frozen=True)
class Ratio:
    """How many times as long the reference trains; of pairs with the same seed in the same call, with extremes."""

    median: float
    low: float | None  # None where no pair took turns
    high: float | None
    pairs: int


@dataclass(frozen=True)
class Standing:
    """One contender over its seeds."""

    runs: tuple[Run, ...]
    mark: float  # accuracy in [0, 1] that a run should reach
    ratio: Ratio | None  # None where the reference was not measured

    @property
    def first(self) -> Run:
        """The run with the lowest seed, for what is the same in all."""
        return self.runs[0]

    @property
    def name(self) -> str:
        """The contender's name."""
        return self.first.name

    @property
    def accuracy(self) -> float:
        """Mean test accuracy in [0, 1]."""
        return mean(run.accuracy for run in self.runs)

    @property
    def deviation(self) -> float | None:
        """Standard deviation of the accuracy over seeds; None for a single one."""
        return stdev(run.accuracy for run in self.runs) if len(self.runs) > 1 else None

    @property
    def share(self) -> float:
        """Share of the runs that reach the mark."""
        least = Fraction(self.mark).limit_denominator(1_000_000)  # 1 - 10 / 10,000 is less than 0.999 in floats
        reached = [(run.n - run.errors) * least.denominator >= least.numerator * run.n for run in self.runs]
        return sum(reached) / len(reached)

    @property
    def seconds(self) -> tuple[float, float, float] | None:
        """Training time: median, shortest, longest, of the runs where it is known."""
        known = [run.seconds for run in self.runs if run.seconds is not None]
        return (median(known), min(known), max(known)) if known else None

    @property
    def epoch_seconds(self) -> float | None:
        """Median seconds of a pass over the images it trains on."""
        known = [run.seconds / run.epochs for run in self.runs if run.seconds is not None and run.epochs]
        return median(known) if known else None

    def median(self, field: str) -> float | None:
        """Return the median of a field over the runs that have it."""
        values = [value for run in self.runs if (value := getattr(run, field)) is not None]
        return median(values) if values else None

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        first = self.first
        return {
            "name": self.name,
            "what": first.what,
            "source": first.source,
            "ours": first.ours,
            "seeds": [run.seed for run in self.runs],
            "runs": len(self.runs),
            "errors": [run.errors for run in self.runs],
            "n": first.n,
            "accuracy_mean": self.accuracy,
            "accuracy_sd": self.deviation,
            "share_above_mark": self.share,
            "train_seconds": [run.seconds for run in self.runs],
            "train_seconds_from": [_origin(run) for run in self.runs],
            **dict(zip(("seconds_median", "seconds_low", "seconds_high"), self.seconds or (None,) * 3, strict=True)),
            "epochs": [run.epochs for run in self.runs],
            "epoch_seconds_median": self.epoch_seconds,
            "train_images": first.train_images,
            "parameters": first.parameters,
            "precision": first.precision,
            "peak_mb": self.median("peak_mb"),
            "images_per_second": self.median("images_per_second"),
            "latency_ms": self.median("latency_ms"),
            "import_seconds": self.median("import_seconds"),
            "reference_over_this": None if self.ratio is None else vars(self.ratio),
            "versions": first.versions,
            "fingerprint": first.fingerprint,
        }


def _origin(run: Run) -> str | None:
    """Return where a training time is from, for the record; None where there is none."""
    if run.seconds is None:
        return None
    if not run.earlier:
        return "measured in turn"
    return "sum of its members" if run.members else "run folder, trained earlier"


def standings(book: Book, mark: float) -> tuple[Standing, ...]:
    """Return the standing of every contender in the book: ours first, then by median training time."""
    by_name: dict[str, list[Run]] = {}
    for run in sorted(book.runs, key=lambda run: run.seed):
        by_name.setdefault(run.name, []).append(run)
    reference = by_name.get(FASTEST, [])
    all_of_them = [Standing(tuple(runs), mark, ratio(reference, runs)) for runs in by_name.values()]
    return tuple(sorted(all_of_them, key=_order))


def _order(one: Standing) -> tuple[bool, float, str]:
    return not one.first.ours, one.seconds[0] if one.seconds else float("inf"), one.name


def ratio(reference: Sequence[Run], runs: Sequence[Run]) -> Ratio | None:
    """Return the reference's training time over that of `runs`."""
    seconds = {(run.call, run.seed): run.seconds for run in reference if run.seconds is not None}
    own = [run for run in runs if run.seconds]
    if not seconds or not own:
        return None
    in_turn = [run for run in own if not run.earlier]
    pairs = sorted(seconds[key] / (run.seconds or 1) for run in in_turn if (key := (run.call, run.seed)) in seconds)
    if pairs:
        return Ratio(median(pairs), pairs[0], pairs[-1], len(pairs))
    return Ratio(median(seconds.values()) / median(run.seconds or 1 for run in own), None, None, 0)
