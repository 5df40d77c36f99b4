"""How sure a figure is: Wilson's interval for a share, and percentile bootstrap intervals for everything else.

The bootstrap draws whole samples at once: multinomial counts for statistics of the confusion matrix (10,000 rows
cost no more than ten), how often each row was drawn for statistics of rows such as the AUC. It draws from the numpy
Generator it is given, so that a seed gives the interval again. Sources: E. B. Wilson, JASA 22 (1927),
doi:10.1080/01621459.1927.10502953; B. Efron, Annals of Statistics 7 (1979), doi:10.1214/aos/1176344552.
"""

from collections.abc import Callable
from math import sqrt
from statistics import NormalDist

import numpy as np

from inkwise.errors import DataError
from inkwise.evaluation.answers import Array, Floats, Ints, check_answers
from inkwise.evaluation.metrics import weighted_auc
from inkwise.evaluation.tally import Tally, macro_f1

Interval = tuple[float, float]
RESAMPLES = 2000
_CHUNK = 2_000_000  # drawn rows in memory at once: about 50 MB with the sums made from them


def wilson(successes: int, n: int, level: float = 0.95) -> Interval:
    """Return Wilson's score interval of a share of successes.

    Unlike the textbook's p +- 1.96 sd it stays within [0, 1] and keeps its promise near 0 and 1, where the accuracy
    of a digit reader lies.

    Raises:
        DataError: n is not positive, successes lie outside [0, n], or the level outside (0, 1).
    """
    if n <= 0 or not 0 <= successes <= n:
        raise DataError(f"{successes:,} successes of {n:,} are no share; 0 to n successes of at least 1 are accepted.")
    z = normal_quantile(level)
    share = successes / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low = 0.0 if successes == 0 else max(0.0, middle - reach)  # exact where rounding would leave 1e-19
    high = 1.0 if successes == n else min(1.0, middle + reach)
    return low, high


def normal_quantile(level: float) -> float:
    """Return z so that a standard normal value lies within +-z with probability `level`: 1.96 for 0.95."""
    if not 0 < level < 1:
        raise DataError(f"A confidence level of {level} was given; above 0 and below 1 is accepted, usually 0.95.")
    return NormalDist().inv_cdf((1 + level) / 2)


def bootstrap_counts(
    counts: Ints,
    statistic: Callable[[Ints], Floats],
    generator: np.random.Generator,
    *,
    level: float = 0.95,
    resamples: int = RESAMPLES,
) -> Interval:
    """Return the percentile interval of a statistic of counts, by multinomial resampling.

    Args:
        counts: Whole numbers of any shape, the confusion counts for instance.
        statistic: Takes (resamples, *counts.shape) and returns (resamples,); nan where it is undefined.
        generator: Source of the draws.
        level: Share of the resampled statistics between the two ends.
        resamples: How many samples to draw.

    Raises:
        DataError: The counts are all 0, or the statistic is undefined in every resample.
    """
    normal_quantile(level)
    total = int(counts.sum())
    if total == 0:
        raise DataError("There are no counts to resample; at least one image is needed.")
    drawn = generator.multinomial(total, counts.reshape(-1) / total, size=resamples)
    return _percentiles(statistic(drawn.reshape(resamples, *counts.shape)), level)


def bootstrap_rows(
    n: int,
    statistic: Callable[[Ints], Floats],
    generator: np.random.Generator,
    *,
    level: float = 0.95,
    resamples: int = RESAMPLES,
) -> Interval:
    """Return the percentile interval of a statistic of n rows, drawn with replacement.

    Args:
        n: Number of rows.
        statistic: Takes weights (samples, n), how often each row was drawn, and returns (samples,); nan where it
            is undefined.
        generator: Source of the draws.
        level: Share of the resampled statistics between the two ends.
        resamples: How many samples to draw.

    Raises:
        DataError: There are no rows, or the statistic is undefined in every resample.
    """
    normal_quantile(level)
    if n <= 0:
        raise DataError("There are no rows to resample; at least one image is needed.")
    values: list[Floats] = []
    step = max(1, _CHUNK // n)
    for start in range(0, resamples, step):
        size = min(step, resamples - start)
        rows = generator.integers(n, size=(size, n)) + n * np.arange(size)[:, None]  # (size, n)
        values.append(statistic(np.bincount(rows.reshape(-1), minlength=size * n).reshape(size, n)))
    return _percentiles(np.concatenate(values), level)


def macro_f1_interval(tally: Tally, generator: np.random.Generator, *, level: float = 0.95) -> Interval:
    """Return the bootstrap interval of a tally's macro F1."""
    return bootstrap_counts(tally.counts, macro_f1, generator, level=level)


def auc_interval(
    probabilities: Array,
    labels: Array,
    generator: np.random.Generator,
    *,
    level: float = 0.95,
    resamples: int = RESAMPLES,
) -> Interval:
    """Return the bootstrap interval of the ROC AUC; DataError where only one class is present."""
    answers = check_answers(probabilities, labels)
    scores = answers.positive

    def statistic(weights: Ints) -> Floats:
        return weighted_auc(scores, answers.labels, weights)

    return bootstrap_rows(len(answers), statistic, generator, level=level, resamples=resamples)


def _percentiles(values: Floats, level: float) -> Interval:
    defined = values[~np.isnan(values)]
    if len(defined) == 0:
        raise DataError("The statistic is undefined in every resample, so it has no interval; give more varied data.")
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
