"""Contenders take turns, each run a process of its own; what is done is not done again, and none is dropped."""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from inkwise.bench.book import Book, Conditions, Run
from inkwise.bench.contender import Contender, of_recipe
from inkwise.bench.measure import Setting, fingerprint, measure
from inkwise.errors import RunError
from inkwise.recipes import registry

# A contender that trains nothing: what is tested here is who is started when, and what is kept.
TRIAL = """
import json, os, sys
seed = int(sys.argv[sys.argv.index("--seed") + 1])
if seed == int(os.environ.get("FAILS_WITH", -1)):
    sys.exit("RuntimeError: out of ink")
values = {values}
print("talk")
print(json.dumps(values | {{"errors": seed, "versions": {{"seen": " ".join(sys.argv[1:])}}}}))
"""
MEASURED = ("seconds", "n", "parameters", "epochs", "train_images", "precision", "peak_mb", "images_per_second")


@pytest.fixture
def contenders(tmp_path: Path, run_of: Callable[..., Run]) -> tuple[Contender, Contender]:
    run = run_of("any").model_dump()
    values = {name: run[name] for name in (*MEASURED, "latency_ms", "threads")}
    (tmp_path / "scripted_trial.py").write_text(TRIAL.format(values=values), encoding="utf-8")
    one = Contender(
        "one", "what one is", "where", "scripted_trial", imports="json", environment={"PYTHONPATH": str(tmp_path)}
    )
    return one, replace(one, name="two", arguments=("--own", "flag"))


@pytest.fixture
def setting(run_of: Callable[..., Run]) -> Callable[..., Setting]:
    conditions = run_of("any").conditions

    def make(seeds: int, conditions: Conditions = conditions) -> Setting:
        return Setting(seeds, conditions, "mnist", Path("there"), "inkwise bench one two")

    return make


def test_they_take_turns_and_all_is_kept(
    contenders: tuple[Contender, Contender], setting: Callable[..., Setting], tmp_path: Path
) -> None:
    book, said = Book(tmp_path / "bench"), list[str]()
    measure(contenders, setting(2), book, said.append)
    assert [(run.name, run.seed, run.errors) for run in book.runs] == [
        ("one", 0, 0),
        ("two", 0, 0),
        ("one", 1, 1),
        ("two", 1, 1),
    ]
    assert book.runs[3].versions == {"seen": "--own flag --seed 1 --dataset mnist --data there"}
    assert len({run.call for run in book.runs}) == 1
    assert book.runs[0].import_seconds is not None
    assert "one, seed 1: 10.00 s, 1 / 10,000 errors (99.99 %)" in said


def test_what_is_done_is_not_done_again(
    contenders: tuple[Contender, Contender], setting: Callable[..., Setting], tmp_path: Path
) -> None:
    measure(contenders[:1], setting(1), Book(tmp_path / "bench"), lambda _: None)
    before = (tmp_path / "bench" / "bench-runs.jsonl").read_text(encoding="utf-8")
    book = Book(tmp_path / "bench")
    measure(contenders, setting(2), book, lambda _: None)
    assert [(run.name, run.seed) for run in book.runs] == [("one", 0), ("two", 0), ("one", 1), ("two", 1)]
    assert (tmp_path / "bench" / "bench-runs.jsonl").read_text(encoding="utf-8").startswith(before)


def test_one_without_chance_runs_once(
    contenders: tuple[Contender, Contender], setting: Callable[..., Setting], tmp_path: Path
) -> None:
    book = Book(tmp_path / "bench")
    measure([replace(contenders[0], chance=False), contenders[1]], setting(2), book, lambda _: None)
    assert [(run.name, run.seed) for run in book.runs] == [("one", 0), ("two", 0), ("two", 1)]


def test_one_that_cannot_be_imported_is_left_out_with_its_reason(
    contenders: tuple[Contender, Contender], setting: Callable[..., Setting], tmp_path: Path
) -> None:
    book, said = Book(tmp_path / "bench"), list[str]()
    missing = replace(contenders[0], imports="no_such_package")
    for _ in range(2):
        measure([missing, contenders[1]], setting(1), book, said.append)
    assert [run.name for run in book.runs] == ["two"]
    (gone,) = book.left_out
    assert gone.reason == (
        "ModuleNotFoundError: No module named 'no_such_package'. The peers' packages come with pip install "
        "'inkwise[bench]'."
    )
    assert "one is left out: ModuleNotFoundError" in said[0]
    lines = (tmp_path / "bench" / "bench-runs.jsonl").read_text(encoding="utf-8").splitlines()
    assert sum("left_out" in json.loads(line) for line in lines) == 1


def test_a_failed_run_ends_it_and_keeps_those_before(
    contenders: tuple[Contender, Contender], setting: Callable[..., Setting], tmp_path: Path
) -> None:
    book = Book(tmp_path / "bench")
    failing = replace(contenders[1], environment={**contenders[1].environment, "FAILS_WITH": "1"})
    with pytest.raises(RunError, match=r"two failed with seed 1: RuntimeError: out of ink Run `.*scripted_trial --own"):
        measure([contenders[0], failing], setting(3), book, lambda _: None)
    assert [(run.name, run.seed) for run in Book(tmp_path / "bench").runs] == [("one", 0), ("two", 0), ("one", 1)]


def test_an_ensemble_took_as_long_as_its_members(
    contenders: tuple[Contender, Contender], setting: Callable[..., Setting], tmp_path: Path, run_of: Callable[..., Run]
) -> None:
    script = tmp_path / "scripted_trial.py"
    text = script.read_text(encoding="utf-8")
    script.write_text(text.replace('"errors": seed', '"errors": 0, "seconds": None, "member_seeds": [0, 1]'), "utf-8")
    recipe = registry.get("small-cnn")
    both = replace(contenders[0], name="both", recipe=recipe, trained_with=5)
    for known, expected in (((0,), None), ((0, 1), 24.0)):
        book = Book(tmp_path / f"bench{len(known)}")
        for seed in known:
            book.append(run_of("small-cnn", seed, seconds=12.0, fingerprint=fingerprint(both)))
        measure([both], setting(3), book, lambda _: None)
        assert [(run.name, run.seed, run.seconds) for run in book.runs[len(known) :]] == [("both", 5, expected)]


def test_a_recipes_fingerprint_is_of_its_settings_but_not_of_its_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = registry.get("small-cnn")
    prints = []
    for changes in ({}, {"seed": 5}, {"epochs": 11}):
        known = {"small-cnn": recipe.model_copy(update=changes)}
        monkeypatch.setattr(registry, "_RECIPES", known)
        prints.append(fingerprint(of_recipe("small-cnn")))
    assert prints[0] == prints[1] != prints[2]
    assert len(prints[0]) == 12
    assert fingerprint(Contender("a", "", "", sys.executable)) == ""
