"""The door: one table in the order of the input, the same bytes however it came about, and nothing lost."""

import json
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.pictures import bomb, cut_short
from tests.scoring_cases import picture, png, rows, scored, truth, write_digits, write_tar, write_zip

from inkwise.errors import DataError, ModelError, RunError, UsageError
from inkwise.models.file import read_model, write_model
from inkwise.recognizer import Recognizer
from inkwise.scoring import local, scoring
from inkwise.scoring.ledger import Ledger


class Stopper:
    """Presses Ctrl-C once some images are done."""

    def __init__(self, after: int) -> None:
        self.left = after
        self.began: tuple[int, int] | None = None

    def begin(self, images: int, done: int) -> None:
        self.began = images, done

    def advance(self, images: int) -> None:
        self.left -= images
        if self.left <= 0:
            raise KeyboardInterrupt


def test_rows_come_in_the_order_of_the_input_with_what_predict_answers(
    model: Path, digits: Path, tmp_path: Path
) -> None:
    outcome = scored(tmp_path / "o.jsonl", digits, model=model, shard=5, labels="folders")
    found = rows(tmp_path / "o.jsonl")
    paths = sorted(digits.rglob("*.png"))
    assert [row["image"] for row in found] == list(map(str, paths))
    for row, answer in zip(found, Recognizer.load(model).predict(paths), strict=True):
        assert (row["label"], row["accepted"], row["reason"]) == (answer.label, answer.accepted, answer.reason)
        assert row["probabilities"] == pytest.approx(answer.probabilities, abs=1e-6)
        assert row["error"] is None
    right = sum(row["label"] == row["truth"] for row in found)
    assert outcome.evaluation is not None
    assert (outcome.evaluation.n, outcome.evaluation.correct) == (24, right)
    summary = json.loads((tmp_path / "o.jsonl.summary.json").read_text())
    assert summary["evaluation"] == outcome.evaluation.to_dict()
    assert not Ledger(tmp_path / "o.jsonl").folder.exists()


def test_the_same_images_give_the_same_answers_from_folder_archive_and_list(model: Path, tmp_path: Path) -> None:
    files = write_digits(tmp_path / "d", 8)
    (tmp_path / "list.csv").write_text("".join(f"d/{name},{name[0]}\n" for name in files))
    sources = [
        tmp_path / "d",
        write_zip(tmp_path / "d.zip", dict(sorted(files.items()))),
        write_tar(tmp_path / "d.tar", dict(sorted(files.items()))),
        write_tar(tmp_path / "d.tgz", dict(sorted(files.items())), "w:gz"),
    ]
    told = []
    for index, source in enumerate(sources):
        scored(tmp_path / f"{index}.jsonl", source, model=model, labels="folders")
        told.append([{**row, "image": None} for row in rows(tmp_path / f"{index}.jsonl")])
    assert all(each == told[0] for each in told)
    listed = scored(tmp_path / "l.jsonl", tmp_path / "list.csv", model=model)
    assert listed.evaluation is not None
    assert listed.evaluation.n == 8


def test_stopped_at_any_shard_and_continued_it_ends_with_the_same_bytes(
    model: Path, digits: Path, tmp_path: Path
) -> None:
    scored(tmp_path / "whole.csv", digits, model=model, shard=5, labels="folders")
    out = tmp_path / "o.csv"
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            scored(out, digits, model=model, shard=5, labels="folders", observer=Stopper(5))
        assert not out.exists()
    watcher = Stopper(10**6)
    outcome = scored(out, digits, model=model, shard=5, labels="folders", observer=watcher)
    assert watcher.began == (24, 15)
    assert outcome.scored == 9
    assert out.read_bytes() == (tmp_path / "whole.csv").read_bytes()
    summaries = [json.loads((tmp_path / f"{name}.csv.summary.json").read_text()) for name in ("whole", "o")]
    assert {**summaries[0], "out": None} == {**summaries[1], "out": None}
    again = scored(out, digits, model=model, shard=5, labels="folders")
    assert (again.scored, again.counts) == (0, outcome.counts)


def test_killed_between_output_and_summary_it_writes_the_same_output_again(
    model: Path, digits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "o.jsonl"
    with monkeypatch.context() as patch:
        patch.setattr(scoring, "_summary_file", lambda _: tmp_path / "no" / "such" / "folder")
        with pytest.raises(RunError, match="its folder is not there any more"):
            scored(out, digits, model=model, shard=9)
    first = out.read_bytes()
    assert scored(out, digits, model=model, shard=9).scored == 0
    assert out.read_bytes() == first


@pytest.mark.parametrize("change", ["images", "model", "shard"])
def test_another_job_neither_goes_on_nor_overwrites(change: str, model: Path, tmp_path: Path) -> None:
    write_digits(tmp_path / "d", 6)
    out = tmp_path / "o.jsonl"
    settings: dict[str, Any] = {"model": model, "shard": 2}
    with pytest.raises(KeyboardInterrupt):
        scored(out, tmp_path / "d", **settings, observer=Stopper(2))
    whole = tmp_path / "whole.jsonl"
    scored(whole, tmp_path / "d", **settings)
    if change == "images":
        (tmp_path / "d" / "0" / "new.png").write_bytes(picture())
    elif change == "shard":
        settings["shard"] = 3
    else:
        weights, card = read_model(model)
        settings["model"] = tmp_path / "other.safetensors"
        write_model(settings["model"], {**weights, "linear1.bias": weights["linear1.bias"] + 1}, card)
    with pytest.raises(RunError, match=r"holds shards of a job that differs in its .*; give the same images"):
        scored(out, tmp_path / "d", **settings)
    before = whole.read_bytes()
    with pytest.raises(RunError, match="is there already, from other images, another model or other settings"):
        scored(whole, tmp_path / "d", **settings)
    assert whole.read_bytes() == before
    assert not Ledger(whole).folder.exists()


def test_bad_images_are_rows_with_their_errors_and_the_others_are_read(model: Path, tmp_path: Path) -> None:
    bad = {
        "1.png": bomb("png"),
        "2.tif": bomb("tiff"),
        "3.png": cut_short(picture()),
        "4.png": b"",
        "5.jpg": b"%PDF-1.4 a polyglot",
    }
    good = {"0.png": picture(0), "6.png": picture(6), "7.png": png(np.full((40, 40), 255, np.uint8))}
    write_zip(tmp_path / "a.zip", dict(sorted({**bad, **good}.items())))
    outcome = scored(tmp_path / "o.jsonl", tmp_path / "a.zip", model=model, shard=3)
    found = rows(tmp_path / "o.jsonl")
    assert [bool(row["error"]) for row in found] == [False, *[True] * 5, False, False]
    assert (found[7]["label"] is not None, found[7]["accepted"], found[7]["reason"]) == (True, False, "no ink found")
    assert all(row["error"].startswith(f"{row['image']}") or row["image"] in row["error"] for row in found[1:6])
    assert "40,000" in found[1]["error"] or "30,000" in found[1]["error"]
    assert outcome.counts.errors == 5
    assert outcome.first_error == found[1]["error"]


def test_nothing_is_written_but_the_output_and_its_summary(model: Path, tmp_path: Path) -> None:
    work = tmp_path / "a" / "b"
    work.mkdir(parents=True)
    (tmp_path / "a" / "secret.png").write_bytes(picture())
    write_zip(work / "z.zip", {"../secret.png": b"x", "/tmp/x.png": b"x", "1.png": picture()})  # noqa: S108
    scored(work / "o.jsonl", work / "z.zip", model=model)
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {
        "secret.png",
        "z.zip",
        "o.jsonl",
        "o.jsonl.summary.json",
    }
    assert (tmp_path / "a" / "secret.png").read_bytes() == picture()


def test_labels_that_are_no_class_are_counted_and_their_images_answered(model: Path, tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text("1.png,A\n2.png,3\n")
    for name in ("1.png", "2.png"):
        (tmp_path / name).write_bytes(picture())
    outcome = scored(tmp_path / "o.jsonl", tmp_path / "l.csv", model=model)
    assert outcome.counts.strange == 1
    assert outcome.evaluation is not None
    assert outcome.evaluation.n == 1
    assert [(row["truth"], row["label"] is not None) for row in rows(tmp_path / "o.jsonl")] == [
        ("A", True),
        ("3", True),
    ]


def test_pages_are_rows_with_their_lines(model: Path, tmp_path: Path) -> None:
    page = np.full((90, 200), 255, np.uint8)
    digit = 255 - np.array([[int(v) for v in row] for row in _pixels(0)], np.uint8)
    page[30:58, 20:48] = digit
    page[30:58, 80:108] = digit
    (tmp_path / "p.png").write_bytes(png(page))
    (tmp_path / "q.png").write_bytes(b"no page")
    outcome = scored(tmp_path / "o.jsonl", tmp_path / "p.png", tmp_path / "q.png", model=model, pages=True)
    first, second = rows(tmp_path / "o.jsonl")
    assert (first["page"], first["width"], first["height"], first["error"]) == (1, 200, 90, None)
    assert "\n".join(line["text"] for line in first["lines"]) == first["text"]
    assert "q.png is not an image of a known format" in second["error"]
    assert (outcome.counts.images, outcome.counts.errors, outcome.evaluation) == (2, 1, None)


def _pixels(index: int) -> Any:
    from inkwise.data.uci import read_uci_digits

    return read_uci_digits().split("test").images[index, 0].tolist()


def test_a_damaged_shard_is_told_and_computed_again(model: Path, digits: Path, tmp_path: Path) -> None:
    out = tmp_path / "o.jsonl"
    with pytest.raises(KeyboardInterrupt):
        scored(out, digits, model=model, shard=5, observer=Stopper(10))
    (shard,) = list(Ledger(out).folder.rglob("001.jsonl"))
    shard.write_bytes(shard.read_bytes()[:-9] + b"\n")
    with pytest.raises(RunError, match=r"001\.jsonl is damaged and was removed; run the same command again"):
        scored(out, digits, model=model, shard=5)
    scored(out, digits, model=model, shard=5)
    scored(tmp_path / "whole.jsonl", digits, model=model, shard=5)
    assert out.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


def test_two_do_not_score_into_one_output(model: Path, digits: Path, tmp_path: Path) -> None:
    out = tmp_path / "o.jsonl"
    with Ledger(out).lock(), pytest.raises(RunError, match=r"Another process is scoring into .*o\.jsonl\.parts"):
        scored(out, digits, model=model)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"out": "o.xlsx"}, r"--out is .*o\.xlsx; a name that ends in \.parquet, \.csv or \.jsonl is accepted"),
        ({"workers": -1}, "--workers is -1; 1 or more are accepted"),
        ({"workers": 0, "engine": "ray"}, "--workers is 0 with --engine ray; 1 or more are accepted"),
        ({"shard": 0}, "--shard is 0; it must be at least 1 image"),
        ({"megabytes": 0}, "--max-megabytes is 0; it must be at least 1"),
        ({"pages": True, "labels": "folders"}, "a page has no class"),
    ],
)
def test_wrong_use_is_told_before_anything_is_read(settings: dict[str, Any], words: str, tmp_path: Path) -> None:
    out = tmp_path / settings.pop("out", "o.jsonl")
    with pytest.raises(UsageError, match=words):
        scored(out, "nowhere", model=tmp_path / "no model", **settings)
    assert not list(tmp_path.iterdir())


def test_what_holds_no_image_is_told_and_leaves_nothing(model: Path, tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    with pytest.raises(DataError, match=r"There are no images in .*d; pictures are known by their names"):
        scored(tmp_path / "o.jsonl", tmp_path / "d", model=model)
    with pytest.raises(DataError, match="There is no nowhere"):
        scored(tmp_path / "o.jsonl", "nowhere", model=model)
    assert [path.name for path in tmp_path.iterdir()] == ["d"]


def test_a_full_disk_leaves_what_is_done(model: Path, digits: Path, tmp_path: Path) -> None:
    """A shard that cannot be written stops the job; where there is room again it goes on."""
    out = tmp_path / "o.jsonl"
    with pytest.raises(KeyboardInterrupt):
        scored(out, digits, model=model, shard=5, observer=Stopper(5))
    shards = next(Ledger(out).folder.rglob("000.jsonl")).parent
    (shards / "001.jsonl").mkdir()  # what stands in the way of a write, for root too
    with pytest.raises(RunError, match="a folder of that name is in the way"):
        scored(out, digits, model=model, shard=5)
    (shards / "001.jsonl").rmdir()
    scored(out, digits, model=model, shard=5)
    assert len(rows(out)) == 24


def test_memory_is_bounded_by_shards(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more items are held than are in hand: the plan is read shard by shard."""
    held: list[int] = []
    real = local.run_here

    def counting(task: Any, shards: Iterator[Any]) -> Any:
        def watched() -> Iterator[Any]:
            for shard in shards:
                held.append(len(shard.items))
                yield shard

        return real(task, watched())

    monkeypatch.setattr(scoring, "run_here", counting)
    (tmp_path / "1.png").write_bytes(picture())
    (tmp_path / "l.txt").write_text("1.png\n" * 40)
    scored(tmp_path / "o.jsonl", tmp_path / "l.txt", model=model, shard=7)
    assert held == [7, 7, 7, 7, 7, 5]


def test_a_model_that_changes_meanwhile_is_refused(model: Path, digits: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.safetensors"
    own.write_bytes(model.read_bytes())
    weights, card = read_model(model)

    class Changer(Stopper):
        def begin(self, images: int, done: int) -> None:
            super().begin(images, done)
            write_model(own, {**weights, "linear1.bias": weights["linear1.bias"] + 1}, card)

    with pytest.raises(ModelError, match="is not the model that scoring began with"):
        scored(tmp_path / "o.jsonl", digits, model=own, observer=Changer(100))


def test_a_truth_that_is_known_is_kept_in_the_row(model: Path, tmp_path: Path) -> None:
    files = write_digits(tmp_path / "d", 5)
    scored(tmp_path / "o.jsonl", tmp_path / "d", model=model, labels="folders")
    told = {os.path.relpath(row["image"], tmp_path / "d"): row["truth"] for row in rows(tmp_path / "o.jsonl")}
    assert told == {name: name.partition("/")[0] for name in files}
    assert [truth(index) for index in range(5)] == [name[0] for name in islice(files, 5)]
