"""The page of the shipped models' figures is that of its JSON, and tells goals that are missed."""

import json
from copy import deepcopy
from typing import Any

import pytest
from benchmarks.shipped import RESULTS
from benchmarks.shipped_page import Goal, goals, page, verdict

RESULT: dict[str, Any] = json.loads((RESULTS / "shipped.json").read_text(encoding="utf-8"))


@pytest.fixture
def figures() -> dict[str, Any]:
    return deepcopy(RESULT["models"]["inkwise"])


def test_the_page_is_that_of_its_figures() -> None:
    assert (RESULTS / "shipped.md").read_text(encoding="utf-8") == page(RESULT)


@pytest.mark.parametrize(
    ("goal", "value", "reached"),
    [
        (Goal("", lambda f: f["x"], least=0.5), 0.5, True),
        (Goal("", lambda f: f["x"], least=0.5), 0.49, False),
        (Goal("", lambda f: f["x"], most=0.5), 0.5, True),
        (Goal("", lambda f: f["x"], most=0.5), 0.51, False),
        (Goal("", lambda f: f["x"], most=0.5), None, None),
    ],
)
def test_a_goal_is_reached_at_its_very_value(goal: Goal, value: float | None, reached: bool | None) -> None:
    assert goal.reached({"x": value}) is reached


def test_a_figure_that_misses_its_goal_is_in_bold() -> None:
    share, plain = Goal("", lambda f: f["x"], least=0.5), Goal("", lambda f: f["x"], most=0.005, shares=False)
    assert [share.shown({"x": value}) for value in (0.51, 0.4, None)] == ["51.00 %", "**40.00 %**", "-"]
    assert [plain.shown({"x": value}) for value in (0.001, 0.01)] == ["0.0010", "**0.0100**"]
    assert (share.text, plain.text) == ("at least 50 %", "at most 0.005")


def test_the_verdict_counts_what_was_measured_and_names_what_is_missed(figures: dict[str, Any]) -> None:
    figures["digits"]["mnist/test"]["accuracy"] = 0.9
    figures["pages"] = None
    measured = len(goals()) - 2
    said = verdict("inkwise", figures)
    assert f" of {measured} goals; it misses MNIST test, right" in said


def test_every_family_that_a_goal_names_is_measured() -> None:
    for figures in RESULT["models"].values():
        assert all(goal.value(figures) is not None for goal in goals() if goal.name.startswith("AUROC"))
