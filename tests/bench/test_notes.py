"""What a row's figures do not show is said beside them, row by row."""

from collections.abc import Callable
from pathlib import Path

import pytest

from inkwise.bench.book import Book, Member, Run
from inkwise.bench.notes import notes, unequal
from inkwise.bench.standing import Standing, ratio, standings
from inkwise.bench.table import accuracy_rows, remarks, values, write

RunOf = Callable[..., Run]

EARLIER = {"fingerprint": {"weights": "abc"}, "ours": True}


@pytest.mark.parametrize(
    ("earlier", "seconds", "expected"),
    [
        ((), 10.0, ()),
        ((1,), 10.0, ("a: 1 of 3 training times (seed 1) is from a run folder: trained earlier, and not in turn",)),
        ((0, 2), 10.0, ("a: 2 of 3 training times (seeds 0, 2) are from run folders: trained earlier, and not in",)),
        ((0,), None, ("a: 1 of 3 (seed 0) trained earlier, and how long that took on a machine like this one is not",)),
        ((0, 1, 2), None, ("a: trained earlier, and how long that took on a machine like this one is not known.",)),
    ],
)
def test_a_row_tells_which_of_its_seconds_are_from_run_folders(
    run_of: RunOf, earlier: tuple[int, ...], seconds: float | None, expected: tuple[str, ...]
) -> None:
    runs = [run_of("a", seed, **({**EARLIER, "seconds": seconds} if seed in earlier else {})) for seed in range(3)]
    found = notes(Standing(tuple(runs), 0.99, None))
    assert len(found) == len(expected)
    assert all(note.startswith(start) for note, start in zip(found, expected, strict=True))


def test_an_ensembles_seconds_are_a_sum_and_are_said_to_be(run_of: RunOf) -> None:
    members = (Member(recipe="a", seed=0, settings="s", versions="v"),) * 2
    both = Standing((run_of("both", **EARLIER, members=members),), 0.99, None)
    assert notes(both) == (
        "both: its training time is the sum of its members', which were trained one by one and not in its turn.",
    )
    assert both.to_dict()["train_seconds_from"] == ["sum of its members"]


def test_table_page_and_json_mark_the_row(book: Book, run_of: RunOf, tmp_path: Path) -> None:
    book.append(run_of("fast", 2, **EARLIER, seconds=4.0))
    found = standings(book, 0.99)
    assert accuracy_rows(found)[0][4] == "3.00 (2.00 to 4.00)*"
    assert accuracy_rows(found)[1][4] == "11.0 (10.0 to 12.0)"
    note = (
        "fast: 1 of 3 training times (seed 2) is from a run folder: trained earlier, and not in turn with the others."
    )
    assert remarks(found) == (note,)
    result = values(book, 0.99, 0.05)
    assert result["contenders"][0]["notes"] == [note]
    assert result["contenders"][0]["train_seconds_from"] == 2 * ["measured in turn"] + ["run folder, trained earlier"]
    text = write(tmp_path / "results", book, result).read_text(encoding="utf-8")
    assert f"- {note}\n" in text
    assert "What was trained earlier is marked * and was only tested in its turn." in text


def test_what_was_trained_earlier_is_no_pair(run_of: RunOf) -> None:
    reference = [run_of("published-fast", seconds=10.0)]
    alone = ratio(reference, [run_of("a", **EARLIER, seconds=4.0)])
    assert alone is not None
    assert (alone.median, alone.low, alone.pairs) == (2.5, None, 0)


def test_epochs_that_least_steps_added_are_said_to_be(run_of: RunOf) -> None:
    recipe = {"epochs": 1, "least_steps": 235}
    fast = Standing((run_of("fast", epochs=40.0, recipe=recipe),), 0.99, None)
    peer = Standing((run_of("published-fast", epochs=1.0),), 0.99, None)
    assert notes(fast) == (
        "fast: 40 epochs instead of 1, since its recipe takes at least 235 steps (least_steps) and the images are few.",
    )
    assert unequal((fast, peer)) == "The contenders were given unequal numbers of epochs: fast 40, published-fast 1."
    assert remarks((fast, peer)) == (*notes(fast), unequal((fast, peer)))
    assert unequal((fast,)) == ""
    whole = Standing((run_of("fast", epochs=1.0, recipe=recipe),), 0.99, None)
    assert (notes(whole), unequal((whole, peer))) == ((), "")
