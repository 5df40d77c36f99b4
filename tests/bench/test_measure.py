"""Contenders take turns, each run a process of its own; what is done is not done again, and none is dropped."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from inkwise.bench import identity
from inkwise.bench.book import Book, Conditions, Run
from inkwise.bench.contender import PEERS, Contender, of_recipe
from inkwise.bench.identity import fingerprint
from inkwise.bench.measure import Setting, measure
from inkwise.bench.standing import standings
from inkwise.errors import RunError

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
    small, deep = (of_recipe(name) for name in ("small-cnn", "deep-cnn"))
    members = []
    for one, seed in ((small, 0), (small, 1), (deep, 0)):
        parts = fingerprint(one)
        same = {name: parts[name] for name in ("settings", "versions")}
        members.append({"recipe": one.name, "seed": seed, **same})
    script = tmp_path / "scripted_trial.py"
    text = script.read_text(encoding="utf-8")
    script.write_text(text.replace('"errors": seed', f'"errors": 0, "seconds": None, "members": {members}'), "utf-8")
    both = replace(contenders[0], name="both", recipe=small.recipe, trained_with=5)
    whole = ((small, 0, 1.0), (small, 1, 2.0), (deep, 0, 4.0))
    other = replace(small, trained={"settings": "another"})  # under the same name, and of the right seed
    older = replace(deep, trained={"versions": "inkwise 0"})
    cases: list[tuple[tuple[tuple[Contender, int, float | None], ...], float | None]] = [
        (whole, 7.0),
        (whole[:2], None),
        (((small, 0, 1.0), (other, 1, 2.0), (deep, 0, 4.0)), None),
        (((small, 0, 1.0), (small, 1, 2.0), (older, 0, 4.0)), None),
        (((small, 0, None), *whole[1:]), None),
    ]
    for number, (known, expected) in enumerate(cases):
        book = Book(tmp_path / f"bench{number}")
        for one, seed, seconds in known:
            book.append(run_of(f"row {one.name}", seed, seconds=seconds, fingerprint=fingerprint(one)))
        measure([both], setting(3), book, lambda _: None)
        assert [(run.name, run.seed, run.seconds) for run in book.runs[len(known) :]] == [("both", 5, expected)]


def test_what_is_edited_meanwhile_ends_it(
    contenders: tuple[Contender, Contender],
    setting: Callable[..., Setting],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(identity, "_ROOT", tmp_path)
    source = tmp_path / "peer.py"
    source.write_text("a = 1", encoding="utf-8")
    one = replace(contenders[0], sources=("peer.py",))
    book = Book(tmp_path / "bench")

    def edit(_: str) -> None:
        source.write_text("a = 2", encoding="utf-8")

    with pytest.raises(RunError, match="holds runs of another one than today's: sources"):
        measure([one], setting(2), book, edit)
    assert [run.seed for run in book.runs] == [0]


@pytest.mark.parametrize("peer", [peer for peer in PEERS if peer.chance], ids=lambda peer: peer.name)
def test_every_peer_of_chance_gathers_seeds_over_calls(
    peer: Contender,
    contenders: tuple[Contender, Contender],
    setting: Callable[..., Setting],
    tmp_path: Path,
) -> None:
    scripted = replace(peer, module="scripted_trial", imports="json", environment=contenders[0].environment)
    for seeds in (1, 3):
        measure([scripted], setting(seeds), Book(tmp_path / "bench"), lambda _: None)
    (standing,) = standings(Book(tmp_path / "bench"), 0.99)
    assert [run.seed for run in standing.runs] == [0, 1, 2]
    assert standing.deviation == pytest.approx(1e-4)
