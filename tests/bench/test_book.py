"""A book keeps every run, goes on after a cut-off line, and mixes nothing that was measured otherwise."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from inkwise.bench.book import Book, Conditions, LeftOut, Run
from inkwise.bench.contender import Contender, of_recipe
from inkwise.bench.identity import fingerprint
from inkwise.bench.settings import kept
from inkwise.errors import RunError
from inkwise.recipes import registry

RunOf = Callable[..., Run]


def test_what_was_appended_is_read_again(book: Book) -> None:
    again = Book(book.path.parent)
    assert again.runs == book.runs
    assert len(again.runs) == 5
    found = again.find("fast", 1)
    assert found is not None
    assert found.accuracy == pytest.approx(0.99)
    assert again.find("fast", 2) is None


def test_a_line_that_was_cut_off_is_done_again(book: Book, run_of: RunOf) -> None:
    whole = book.path.read_text(encoding="utf-8")
    book.path.write_text(whole[:-40], encoding="utf-8")
    again = Book(book.path.parent)
    assert again.runs == book.runs[:-1]
    again.append(run_of("classical", 1))
    assert [run.name for run in Book(book.path.parent).runs][-2:] == ["published-fast", "classical"]


@pytest.mark.parametrize("line", ["{", "[]", '{"name": "fast"}', '{"left_out": 3}'])
def test_a_line_that_is_no_run_is_named(book: Book, line: str) -> None:
    with book.path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    with pytest.raises(RunError, match=r"Line 6 of .*runs\.jsonl is no run of a benchmark; remove it"):
        Book(book.path.parent)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("instructions", "AVX-512 with AMX", "instructions AVX2, now AVX-512 with AMX"),
        ("environment", {}, "variables that change speed ONEDNN_MAX_CPU_ISA=AVX2, now none"),
        ("threads", 1, "threads 2, now 1"),
        ("dataset", "kmnist", "dataset mnist, now kmnist"),
        ("quick", True, "measurements without --quick, now trials with --quick"),
        ("hashes", {"train": "abc"}, "other files of the dataset, by their hashes"),
    ],
)
def test_other_conditions_are_not_mixed_in(book: Book, field: str, value: Any, said: str) -> None:
    same = book.runs[0].conditions
    book.require(same, [])
    with pytest.raises(RunError, match=re.escape(f"holds runs that were measured otherwise: {said}. Name another")):
        book.require(Conditions(**same.model_dump() | {field: value}), [])


def test_another_dataset_is_told_without_the_hashes_of_its_files(book: Book) -> None:
    other = book.runs[0].conditions.model_copy(update={"dataset": "uci-digits", "hashes": {"a": "1", "b": "2"}})
    with pytest.raises(RunError, match=r"measured otherwise: dataset mnist, now uci-digits\. Name another --out"):
        book.require(other, [])


def test_settings_that_changed_are_named_where_the_book_has_them(book: Book, run_of: RunOf) -> None:
    same, one = book.runs[0].conditions, of_recipe("small-cnn")
    assert one.recipe is not None
    book.append(run_of("small-cnn", fingerprint=fingerprint(one), recipe=kept(one.recipe)))
    Book(book.path.parent).require(same, [one])
    now = one.recipe.model_copy(update={"epochs": 11, "seed": 5, "network": ("flatten", "linear classes")})
    with pytest.raises(RunError, match=r"than today's: network, which is another; epochs 10, now 11\. Name another"):
        Book(book.path.parent).require(same, [replace(one, recipe=now)])


def test_another_contender_of_the_same_name_is_not_mixed_in(book: Book, run_of: RunOf) -> None:
    same, one = book.runs[0].conditions, of_recipe("small-cnn")
    book.append(run_of("small-cnn", fingerprint=fingerprint(one)))
    book.require(same, [one])
    recipe = registry.get("small-cnn").model_copy(update={"epochs": 11})
    with pytest.raises(
        RunError, match=r"runs of another small-cnn than today's: settings \w+, now \w+\. Name another --out, so that"
    ):
        book.require(same, [replace(one, recipe=recipe)])


def test_a_row_may_have_weights_by_seed_but_not_two_of_one_seed(book: Book, run_of: RunOf) -> None:
    same, fresh = book.runs[0].conditions, Contender("row", "", "", "json", trained={"weights": "abc"}, trained_with=3)
    book.append(run_of("row", 3, fingerprint=fingerprint(fresh)))
    book.require(same, [fresh])
    book.require(same, [replace(fresh, trained={"weights": "def"}, trained_with=4)])
    with pytest.raises(RunError, match="another row than today's: weights abc, now def"):
        book.require(same, [replace(fresh, trained={"weights": "def"})])


def test_who_was_left_out_is_told_until_it_is_measured(book: Book, run_of: RunOf) -> None:
    gone = LeftOut(left_out="keras-jax", what="Keras", reason="no module named jax")
    book.append(gone)
    assert Book(book.path.parent).left_out == (gone,)
    book.append(run_of("keras-jax"))
    assert book.left_out == ()


def test_a_book_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="Cannot create"):
        Book(tmp_path / "file" / "bench")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="only Linux has /proc")
def test_a_place_that_takes_no_folders_is_told_so() -> None:
    with pytest.raises(RunError, match="Cannot create /proc/x: the system allows no new folder there; name another"):
        Book(Path("/proc/x"))
