"""Figures as people read them: percent to two decimals, errors out of how many, one sentence for a result.

The table and the report share these, so that the same figure reads the same everywhere.
"""

from collections.abc import Mapping
from typing import Any

from inkwise.evaluation.evaluation import Evaluation


def percent(share: float | None, decimals: int = 2) -> str:
    """Return 0.98971 as '98.97 %', and None as 'undefined'."""
    return "undefined" if share is None else f"{100 * share:.{decimals}f} %"


def chance(probability: float) -> str:
    """Return a probability as '97 %', with decimals only where it comes close to none or all: '0.02 %'."""
    if 0.01 <= probability <= 0.99:
        return f"{100 * probability:.0f} %"
    if probability < 0.00005:
        return "<0.01 %"
    return ">99.99 %" if probability > 0.99995 else f"{100 * probability:.2f} %"


def score(value: float | None, decimals: int = 4) -> str:
    """Return a score with fixed decimals, and None as 'undefined'."""
    return "undefined" if value is None else f"{value:.{decimals}f}"


def count(number: int, thing: str) -> str:
    """Return '1 error' or '1,203 errors'."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def span(low: float, high: float) -> str:
    """Return two shares as '98.75 to 99.15'; the unit, percent, stands before them."""
    return f"{100 * low:.2f} to {100 * high:.2f}"


def things(evaluation: Evaluation) -> str:
    """Return 'digits' where the classes are digits, and 'images' otherwise."""
    asked = evaluation.classes[1:] if evaluation.binary else evaluation.classes
    return "digits" if all(name.isdigit() for name in asked) else "images"


def disputes(evaluation: Evaluation) -> str | None:
    """Return how many errors are on labels that people do not uphold, and on which images; None where unknown."""
    told = evaluation.disputed
    if told is None:
        return None
    which = f": images {', '.join(map(str, told.errors))}" if told.errors else ""
    number = f"{count(len(told.errors), 'error')} {'is' if len(told.errors) == 1 else 'are'}"
    return f"{number} on the {told.of} labels that people do not uphold{which}"


def headline(evaluation: Evaluation, *, watched: bool = False) -> str:
    """Return the result in one sentence.

    Args:
        evaluation: What to tell.
        watched: Whether this split was looked at during training; then it is not said to be unseen.
    """
    shown = f"{evaluation.n:,} {evaluation.split} {things(evaluation)}"
    if evaluation.split == "test" and not watched:
        shown += " it has never seen"
    wrong = count(evaluation.errors, "error")
    start = f"Reads {percent(evaluation.accuracy)} of {shown}"
    if evaluation.binary:
        start = (
            f"Tells {evaluation.classes[1]} from {evaluation.classes[0]} in {percent(evaluation.accuracy)} of {shown}"
        )
    told = f"{start}: {wrong}; 95 % interval {span(*evaluation.interval)}."
    if evaluation.abstained:
        left = count(evaluation.answered_errors or 0, "error")
        told += f" Free to abstain it answers {evaluation.answered:,} of them: {left}."
    return told


def turned_away(negatives: Mapping[str, Any]) -> str:
    """Return how many held-out pictures of no digit were turned away, and the family that is told apart worst.

    Args:
        negatives: `n`, `rejected`, and `auroc` by family.
    """
    family, least = min(negatives["auroc"].items(), key=lambda pair: pair[1])
    return (
        f"Turned away: {negatives['rejected']:,} / {negatives['n']:,} held-out pictures that are no digit.\n"
        f"AUROC at least {score(least)} ({family})."
    )
