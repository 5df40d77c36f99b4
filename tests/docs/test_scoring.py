"""The page of what scoring costs says what its figures say."""

import json

from benchmarks.scoring import RESULTS, page


def test_the_page_of_scoring_is_that_of_its_figures() -> None:
    result = json.loads((RESULTS / "scoring.json").read_text(encoding="utf-8"))
    assert (RESULTS / "scoring.md").read_text(encoding="utf-8") == page(result)


def test_what_a_clock_says_is_in_the_page_where_it_was_asked() -> None:
    result = json.loads((RESULTS / "scoring.json").read_text(encoding="utf-8"))
    row = {"images": 10, "hours_per_million": 1.0, "processor_hours_per_million": 1.0, "memory_mb": 500}
    rows = [
        {"what": what, "workers": workers, "rate": 100.0 * workers, "low": 1.0, "high": 300.0, **row}
        for what in ("digits", "pages")
        for workers in (1, 2)
    ]
    told = page({**result, "rows": rows, "five": {"memory_mb": 501, "rate": 1.0}})
    assert "| digits, 10 | 2 | 200.0 (1.0 to 300.0) | 1.00 | 1.00 | 500 |" in told
    assert "Two workers over one: digits 2.00; pages 2.00." in told
    assert "(50) with one worker: 501 MB" in told
