"""`inkwise bench` as a user meets it."""

import json
from collections.abc import Callable
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest

from inkwise.bench.book import Book
from inkwise.bench.standing import Standing, standings
from inkwise.bench.table import accuracy_rows, cost_rows
from inkwise.cli.bench import _show

RESULTS = Path(__file__).parents[2] / "docs" / "results" / "bench-runs.jsonl"

Call = Callable[..., Any]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--seeds", "0"), "--seeds 0; give a whole number from 1 on."),
        (("--seeds", "1.9"), "--seeds 1.9; give a whole number from 1 on."),
        (("--seeds", "-1"), "--seeds -1; give a whole number from 1 on."),
        (("--seeds", "many"), "--seeds many; give a whole number from 1 on."),
        (("--mark", "101"), "--mark is 101; it is an accuracy in percent"),
        (("clasical",), "There is no recipe, peer or model 'clasical'. Did you mean 'classical'?"),
        (("matched-filter",), "matched-filter asks a yes-or-no question"),
        (("--dataset", "mnisst"), "mnisst"),
    ],
)
def test_wrong_use_is_one_sentence_before_anything_is_run(inkwise: Call, words: tuple[str, ...], message: str) -> None:
    done = inkwise("bench", *words)
    assert done.code == 2
    assert message in done.err
    assert not Path("runs").exists()


def test_no_mnist_is_told(inkwise: Call) -> None:
    done = inkwise("bench", "--offline")
    assert done.code == 1
    assert "mnist" in done.err


def test_results_are_not_mixed_into_a_training_run(inkwise: Call) -> None:
    Path("runs/first").mkdir(parents=True)
    Path("runs/first/recipe.toml").write_text("", encoding="utf-8")
    done = inkwise("bench", "--out", "runs/first")
    assert done.code == 2
    assert done.err == (
        "inkwise: runs/first is the folder of a training run; give --out a folder of the benchmark's own.\n"
    )


@pytest.mark.parametrize(
    ("done", "told"), [(0, "no run is kept"), (1, "1 run is kept"), (2, "2 runs are kept")], ids=["none", "one", "two"]
)
def test_ctrl_c_leaves_one_line_and_the_runs(
    inkwise: Call, monkeypatch: pytest.MonkeyPatch, ours: tuple[Standing, ...], done: int, told: str
) -> None:
    def stopped(*_: object, **given: Any) -> None:
        book = Book(given["out"])
        for run in ours[0].runs[:done]:
            book.append(run)
        raise KeyboardInterrupt

    monkeypatch.setattr("inkwise.bench.bench.bench", stopped)
    came = inkwise("bench", "--out", "out")
    assert (came.code, came.out) == (130, "")
    assert came.err == f"Stopped; {told} in out, and the same command goes on.\n"
    assert {path.name for path in Path("out").iterdir()} <= {"bench-runs.jsonl"}


def test_help_tells_how_long_it_takes_and_what_the_peers_need(inkwise: Call) -> None:
    told = " ".join(inkwise("bench", "--help").out.split())
    assert "about two hours" in told
    assert "inkwise[bench]" in told


@pytest.mark.slow
def test_a_trial_of_the_machinery_prints_the_table_and_says_what_it_is(inkwise: Call) -> None:
    words = ("bench", "small-cnn", "published-fast", "--quick", "--dataset", "uci-digits", "--out", "out")
    done = inkwise(*words)
    assert done.code == 0, done.err
    assert "THIS IS A TRIAL OF THE MACHINERY" in done.err
    assert "small-cnn, seed 0:" in done.err
    assert all(len(line) <= 80 for line in done.lines)
    assert [line.split()[0] for line in done.lines if line.strip()][:3] == ["contender", "small-cnn", "published-fast"]
    assert {path.name for path in Path("out").iterdir()} == {
        *("bench-runs.jsonl", "bench.md", "bench.json", "bench-time.png", "bench-parameters.png"),
    }
    again = inkwise(*words, "--json")  # all is measured: it only prints
    values = json.loads(again.out)
    assert [one["name"] for one in values["contenders"]] == ["small-cnn", "published-fast"]
    assert values["commands"] == ["inkwise bench small-cnn published-fast --quick --dataset uci-digits"]
    assert values["contenders"][1]["parameters"] == 215_194
    assert again.err == ""
    other = inkwise("bench", "small-cnn", "--dataset", "uci-digits", "--out", "out")
    assert other.code == 1
    assert "measured otherwise: trials with --quick, now measurements without --quick" in other.err


@pytest.fixture
def ours(tmp_path: Path) -> tuple[Standing, ...]:
    """Our own benchmark, read from a copy of its book."""
    copyfile(RESULTS, tmp_path / RESULTS.name)
    return standings(Book(tmp_path), 0.99)


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., list[str]]:
    """What the verb prints of these standings in 80 columns, line by line."""
    monkeypatch.setenv("COLUMNS", "80")

    def shown(found: tuple[Standing, ...]) -> list[str]:
        _show(found)
        return capsys.readouterr().out.splitlines()

    return shown


def test_the_tables_of_our_own_benchmark_fit_into_80_columns_whole(
    ours: tuple[Standing, ...], lines: Callable[..., list[str]]
) -> None:
    printed = lines(ours)
    assert all(len(line) <= 80 for line in printed)
    assert "\N{HORIZONTAL ELLIPSIS}" not in "".join(printed)
    for accuracy, cost in zip(accuracy_rows(ours), cost_rows(ours), strict=True):
        own = " ".join(line for line in printed if line.split()[:1] == [accuracy[0]])
        assert all(figure in own for figure in accuracy + cost)  # each in one piece, on a line with its name
        assert sorted(own.split()) == sorted(" ".join((*accuracy, *cost, accuracy[0])).split())
    assert len(printed) == 3 * (len(ours) + 2)  # head, rows, an empty line: nothing was broken


def test_a_long_name_is_broken_and_the_slowest_figures_are_not(
    ours: tuple[Standing, ...], lines: Callable[..., list[str]]
) -> None:
    name = "an-ensemble-of-fifteen-networks-with-a-long-name"
    slow = [
        run.model_copy(update={"name": name, "seed": seed, "seconds": seconds, "call": "another"})
        for seed, seconds in enumerate((12_345.0, 12_346.0, 12_347.0))
        for run in ours[0].runs[:1]
    ]
    printed = lines((Standing(tuple(slow), 0.99, ours[0].ratio),))
    assert all(len(line) <= 80 for line in printed)
    assert any("12,346 (12,345 to 12,347)" in line for line in printed)
    starts = [line[1:].split(" ")[0] for line in printed if line.strip() and "contender" not in line]
    assert "".join(starts) == 3 * name


def test_paths_of_models_are_recorded_as_seen_from_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from inkwise.cli.bench import _from_here

    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    assert _from_here("published-fast") == "published-fast"
    assert _from_here("./runs/accurate") == "runs/accurate"
    assert _from_here(str(here / "runs" / "accurate")) == "runs/accurate"
    assert _from_here(f"mine={here / 'a=b.safetensors'}") == "mine=a=b.safetensors"
    assert _from_here(str(tmp_path / "there")) == str(tmp_path / "there")
