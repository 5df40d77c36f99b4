from collections.abc import Callable
from io import StringIO

import numpy as np
from rich.console import Console, RenderableType

from inkwise.evaluation.comparison import compare
from inkwise.evaluation.evaluation import evaluate
from inkwise.evaluation.table import comparison_table, evaluation_table, evaluations_table

Make = Callable[..., tuple[np.ndarray, np.ndarray]]
DIGITS = tuple("0123456789")


def shown(table: RenderableType) -> str:
    console = Console(file=StringIO(), width=80, color_system=None)
    console.print(table)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_an_evaluation_shows_errors_out_of_how_many_and_its_interval(make: Make) -> None:
    made = evaluate(*make(0, 1200, 10), DIGITS, dataset="mnist", split="test")
    text = shown(evaluation_table(made))
    assert f"{made.errors} / 1,200" in text
    assert f"{100 * made.accuracy:.2f} %" in text
    assert f"95 % interval {100 * made.interval[0]:.2f} to {100 * made.interval[1]:.2f}" in text
    assert "mnist, test" in text
    assert "precision" in text
    assert "precision" not in shown(evaluation_table(made, per_class=False))


def test_a_yes_or_no_question_shows_its_scores(make: Make) -> None:
    made = evaluate(
        *make(0, 300, 1), ("other [digits]", "3"), dataset="mnist", split="test", decision="argmax-of-one-column"
    )
    text = shown(evaluation_table(made))
    for name in ("threshold", "precision", "recall", "F1", "ROC AUC", "as published"):
        assert name in text
    assert "other [digits]" in text  # not taken for markup


def test_abstentions_are_shown_where_there_are_any(make: Make) -> None:
    probabilities, labels = make(0, 40, 3)
    some = evaluate(probabilities, labels, "abc", dataset="d", split="test", abstain=np.arange(40) < 10)
    none = evaluate(probabilities, labels, "abc", dataset="d", split="test")
    right = f"{100 * (1 - some.answered_errors / 30):.2f} % right" if some.answered_errors else "100.00 % right"
    assert f"10 / 40; of the 30 answered {right}" in shown(evaluation_table(some))
    assert f"{some.errors} / 40" in shown(evaluation_table(some))
    assert "abstained" in shown(evaluations_table([none, some]))
    assert "abstained" not in shown(evaluations_table([none]))


def test_the_calibration_before_is_shown_where_there_is_one(make: Make) -> None:
    probabilities, labels = make(0, 40, 3)
    before, after = (
        evaluate(probabilities, labels, "abc", dataset="d", split="test", temperature=t) for t in (None, 2.0)
    )
    assert "before calibration" not in shown(evaluation_table(before))
    told = f"{100 * after.ece:.2f} % expected error (15 bins); {100 * (after.uncalibrated_ece or 0):.2f} % before calib"
    assert told in shown(evaluation_table(after))


def test_errors_on_disputed_labels_are_one_row_where_they_are_known(make: Make) -> None:
    probabilities, labels = make(0, 40, 3)
    wrong = np.flatnonzero(probabilities.argmax(1) != labels)
    right = np.flatnonzero(probabilities.argmax(1) == labels)
    asked = [int(wrong[0]), int(right[0])]
    some = evaluate(probabilities, labels, "abc", dataset="d", split="test", disputed=asked)
    row = f"disputed     1 error is on the 2 labels that people do not uphold: images {wrong[0]}"
    assert row in shown(evaluation_table(some)).splitlines()[3]
    assert "disputed" not in shown(evaluation_table(evaluate(probabilities, labels, "abc", dataset="d", split="test")))


def test_several_evaluations_fit_on_eighty_columns(make: Make) -> None:
    made = evaluate(*make(0, 10000, 10), DIGITS, dataset="fashion-mnist", split="validation")
    rows = shown(evaluations_table([made, made])).splitlines()
    assert sum(f"{made.errors:,} / 10,000" in row for row in rows) == 2


def test_a_comparison_says_who_fixes_what_and_whether_it_may_be_luck() -> None:
    labels = np.zeros(400, dtype=np.int64)
    a, b = labels.copy(), labels.copy()
    a[:20] = 1
    b[20] = 1
    text = " ".join(shown(comparison_table(compare(labels, a, b, names=("small", "deep")))).split())
    assert "deep fixes 20 errors of small and makes 1 new one: +4.75 points" in text
    assert "Exact McNemar p < 0.0001: more than chance explains." in text
    text = " ".join(shown(comparison_table(compare(labels, a, a))).split())
    assert "p = 1: chance alone may explain it." in text
