"""Pages of results say what their figures say."""

import json

from benchmarks.training import RESULTS, page, verdict


def test_the_page_of_training_time_is_that_of_its_figures() -> None:
    result = json.loads((RESULTS / "training.json").read_text(encoding="utf-8"))
    assert (RESULTS / "training.md").read_text(encoding="utf-8") == page(result)


def test_goals_that_are_missed_are_named() -> None:
    rows = [{"recipe": name, "ratio_median": ratio, "goal": 4} for name, ratio in (("a", 4.0), ("b", 3.99), ("c", 5.0))]
    assert verdict(rows) == "2 of 3 goals are reached (a, c); missed: b."
    assert verdict(rows[:1]) == "1 of 1 goals are reached (a)."
    assert verdict(rows[1:2]) == "0 of 1 goals are reached; missed: b."
