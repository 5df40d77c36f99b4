"""Two models on the same images: who fixes what, and whether the difference may be luck.

Both models answered the same images in the same order, so only the images on which exactly one of them is right
say which is better: McNemar's test, here exact (two-sided binomial), Q. McNemar, Psychometrika 12 (1947),
doi:10.1007/BF02295996. The interval of the difference is Newcombe's for paired shares, method 10 in R. G. Newcombe,
Statistics in Medicine 17 (1998) 2635-2650. This file knows nothing of files or of tables.
"""

from dataclasses import dataclass
from math import exp, lgamma, log, sqrt

import numpy as np

from inkwise.errors import DataError
from inkwise.evaluation.answers import Array, check_labels, check_predicted
from inkwise.evaluation.intervals import Interval, wilson


@dataclass(frozen=True)
class Comparison:
    """Models A and B on the same n images.

    `fixed_by_a` are indices of images that A answers rightly and B wrongly, `fixed_by_b` the other way round. `p` is
    McNemar's exact two-sided p. `difference` is accuracy of B minus accuracy of A, with its 95 % `interval`.
    An abstention is not right.
    """

    names: tuple[str, str]
    n: int
    both_right: int
    both_wrong: int
    fixed_by_a: tuple[int, ...]
    fixed_by_b: tuple[int, ...]
    p: float
    difference: float
    interval: Interval

    @property
    def only_a_wrong(self) -> int:
        """Images that B alone answers rightly."""
        return len(self.fixed_by_b)

    @property
    def only_b_wrong(self) -> int:
        """Images that A alone answers rightly."""
        return len(self.fixed_by_a)

    @property
    def errors(self) -> tuple[int, int]:
        """Images that A does not answer rightly, and the same of B."""
        return self.both_wrong + self.only_a_wrong, self.both_wrong + self.only_b_wrong

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain numbers and lists, for JSON."""
        return {
            "names": list(self.names),
            "n": self.n,
            "errors": list(self.errors),
            "both_right": self.both_right,
            "both_wrong": self.both_wrong,
            "only_a_wrong": self.only_a_wrong,
            "only_b_wrong": self.only_b_wrong,
            "fixed_by_a": list(self.fixed_by_a),
            "fixed_by_b": list(self.fixed_by_b),
            "p": self.p,
            "difference": self.difference,
            "interval": list(self.interval),
        }


def compare(
    labels: Array,
    predicted_a: Array,
    predicted_b: Array,
    *,
    names: tuple[str, str] = ("A", "B"),
) -> Comparison:
    """Compare what two models answered to the same images.

    Args:
        labels: True classes, whole numbers (N,) from 0.
        predicted_a: Classes answered by A, (N,), -1 for an abstention.
        predicted_b: Classes answered by B, in the same order.
        names: What to call the two.

    Raises:
        DataError: No images, different counts, or a class below -1.
    """
    if len(labels) == 0:
        raise DataError("There are no images to compare two models on; at least one is needed.")
    anything = np.iinfo(np.int64).max  # the number of classes does not matter here
    truth = check_labels(labels, anything)
    a = check_predicted(predicted_a, len(truth), anything) == truth
    b = check_predicted(predicted_b, len(truth), anything) == truth
    both, only_a, only_b = int((a & b).sum()), np.flatnonzero(a & ~b), np.flatnonzero(b & ~a)
    neither = len(truth) - both - len(only_a) - len(only_b)
    return Comparison(
        names=names,
        n=len(truth),
        both_right=both,
        both_wrong=neither,
        fixed_by_a=tuple(only_a.tolist()),
        fixed_by_b=tuple(only_b.tolist()),
        p=mcnemar_p(len(only_a), len(only_b)),
        difference=(len(only_b) - len(only_a)) / len(truth),
        interval=paired_interval(both, len(only_b), len(only_a), neither),
    )


def mcnemar_p(only_a_right: int, only_b_right: int) -> float:
    """Return the exact two-sided p that one model fixes as many more than the other, if both are equally good.

    Each image that exactly one model gets right is then a fair coin: p is twice the smaller tail of the binomial,
    at most 1. The largest term is found through logarithms and the rest by their ratios, so that any count works.
    """
    few, n = min(only_a_right, only_b_right), only_a_right + only_b_right
    if few < 0:
        raise DataError(f"Counts of {only_a_right} and {only_b_right} were given; whole numbers from 0 are accepted.")
    if 2 * few == n:
        return 1.0
    log_term = lgamma(n + 1) - lgamma(few + 1) - lgamma(n - few + 1) - n * log(2)
    total, term = 0.0, 1.0
    for k in range(few, -1, -1):  # from the largest term, that of `few`, outwards
        total += term
        term *= k / (n - k + 1)
        if term < total * 1e-17:
            break
    return min(1.0, exp(log(2) + log_term + log(total)))


def paired_interval(both: int, only_first: int, only_second: int, neither: int, level: float = 0.95) -> Interval:
    """Return Newcombe's interval (method 10) of the first share of rights minus the second, of the same images.

    Each share's Wilson limits are combined by squares, less their correlation phi, which is corrected for continuity.
    """
    n = both + only_first + only_second + neither
    first, second = both + only_first, both + only_second
    p1, p2 = first / n, second / n
    low1, high1 = wilson(first, n, level)
    low2, high2 = wilson(second, n, level)
    product = first * (n - first) * second * (n - second)
    excess = both * neither - only_first * only_second
    corrected = max(excess - n / 2, 0.0) if excess > 0 else float(excess)
    phi = corrected / sqrt(product) if product else 0.0

    def reach(one: float, other: float) -> float:
        return sqrt(max(0.0, one * one - 2 * phi * one * other + other * other))

    difference = p1 - p2
    return difference - reach(p1 - low1, high2 - p2), difference + reach(high1 - p1, p2 - low2)
