import csv
import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import cast

import numpy as np
import pytest
import torch

from inkwise.errors import DataError, RunError
from inkwise.evaluation import report
from inkwise.evaluation.evaluation import Disputes, Evaluation, evaluate
from inkwise.evaluation.mistakes import Mistake, worst
from inkwise.evaluation.report import watched, write_report
from inkwise.evaluation.robustness import Level, Robustness

Make = Callable[..., tuple[np.ndarray, np.ndarray]]
VOID = {"meta", "img", "source", "br", "hr", "link"}
HISTORY: list[dict[str, object]] = [
    {"epoch": e, "step": 9 * e, "split": s, "loss": 1 / e, "accuracy": 0.9, "seconds": e}
    for e in (1, 2)
    for s in ("train", "validation")
]


class Page(HTMLParser):
    """Tags and attributes of a page; fails where tags do not nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def values(make: Make) -> dict[str, object]:
    """Everything a report of ten classes takes."""
    probabilities, labels = make(0, 60, 10)
    evaluations = {
        s: evaluate(probabilities, labels, "0123456789", dataset="mnist", split=s) for s in ("validation", "test")
    }
    return {
        "title": "small-cnn",
        "recipe": {"name": "small-cnn", "optimizer": {"lr": 0.001, "betas": (0.9, 0.999)}, "source": ""},
        "environment": {"torch": "2.13.0"},
        "history": HISTORY,
        "layers": [{"layer": "conv 8 3x3", "output": "8 x 26 x 26"}, {"layer": "relu", "parameters": "0"}],
        "evaluations": evaluations,
        "errors": worst(probabilities, labels),
        "images": torch.randint(0, 256, (60, 1, 28, 28), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)),
        "probabilities": torch.tensor(probabilities),
        "labels": torch.tensor(labels),
        "kernels": torch.linspace(-1, 1, 36).reshape(4, 1, 3, 3),
        "notes": ["It does not shuffle."],
    }


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory, values: dict[str, object]) -> Path:
    """The folder of a report of ten classes, written once and only read."""
    folder = tmp_path_factory.mktemp("report") / "new" / "run"
    written(folder, values)
    return folder


def written(folder: Path, values: dict[str, object]) -> Page:
    path = write_report(folder, **values)  # type: ignore[arg-type]
    assert path == folder / "report.html"
    return Page(path.read_text(encoding="utf-8"))


def test_the_report_and_its_figures_lie_in_the_folder(usual: Path) -> None:
    assert sorted(path.name for path in usual.iterdir()) == [
        "accuracy.png", "confusion.csv", "confusion.png", "errors.csv", "errors.png",
        "kernels.png", "loss.png", "reliability.png", "report.html",
    ]  # fmt: skip
    page = Page((usual / "report.html").read_text(encoding="utf-8"))
    text = page.text.replace("\N{NO-BREAK SPACE}", " ")
    assert re.search(r"Reads \d\d\.\d\d % of 60 test digits it has never seen: \d+ errors; 95 % interval", text)
    for words in ("It does not shuffle.", "optimizer.betas", "0.9, 0.999", "8 x 26 x 26", "Worst errors", "it says"):
        assert words in text


def test_errors_on_disputed_labels_are_told_in_one_line(tmp_path: Path, values: dict[str, object], usual: Path) -> None:
    evaluations = cast("dict[str, Evaluation]", values["evaluations"])
    told = {**evaluations, "test": replace(evaluations["test"], disputed=Disputes((3, 7), 15))}
    line = "2 errors are on the 15 labels that people do not uphold: images 3, 7 (Northcutt et al. 2021)."
    assert line in written(tmp_path, values | {"evaluations": told}).text
    assert "uphold" not in (usual / "report.html").read_text(encoding="utf-8")


def test_a_pictured_error_carries_its_index_and_whether_its_label_is_disputed(
    tmp_path: Path, values: dict[str, object]
) -> None:
    evaluations = cast("dict[str, Evaluation]", values["evaluations"])
    first, second = cast("list[Mistake]", values["errors"])[:2]
    told = {**evaluations, "test": replace(evaluations["test"], disputed=Disputes((second.index,), 15))}
    written(tmp_path, values | {"evaluations": told})
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert f"<span>image {first.index}</span>" in text
    assert f"<span>image {second.index}<b>, label disputed</b></span>" in text
    assert text.count("label disputed") == 1


def test_what_has_one_point_alone_is_not_drawn(tmp_path: Path, values: dict[str, object]) -> None:
    (tmp_path / "loss.png").write_bytes(b"from an earlier report")
    page = written(tmp_path, values | {"history": HISTORY[:2]})
    assert not {"loss.png", "accuracy.png"} & {path.name for path in tmp_path.iterdir()}
    assert "Training" not in page.text


@pytest.mark.parametrize("distorted", [False, True])
def test_the_report_tells_what_train_was_measured_on(
    tmp_path: Path, values: dict[str, object], usual: Path, distorted: bool
) -> None:
    page = written(tmp_path, values | {"distorted": distorted})
    assert ("Train is measured while it learns, on images distorted at random." in page.text) is distorted
    for name in ("accuracy.png", "loss.png"):
        assert ((tmp_path / name).read_bytes() == (usual / name).read_bytes()) is not distorted


@pytest.mark.parametrize("given", [False, True])
def test_kernels_that_are_given_are_not_called_learned(tmp_path: Path, values: dict[str, object], given: bool) -> None:
    text = written(tmp_path, values | {"kernels_given": given}).text
    assert ("What it has learned to look for" in text) is not given
    assert ("These kernels are given, not learned" in text) is given


def test_the_page_asks_nobody_for_anything(usual: Path) -> None:
    text = (usual / "report.html").read_text(encoding="utf-8")
    page = Page(text)
    assert not [tag for tag, _ in page.tags if tag in {"script", "link", "iframe", "object"}]
    sources = [value for _, attrs in page.tags for name in ("src", "srcset", "href") if (value := attrs.get(name))]
    assert sources
    assert all(source.startswith("data:image/png;base64,") for source in sources)
    assert "http:" not in text
    assert "https:" not in text
    assert "url(" not in text
    assert "default-src 'none'" in text


def test_hostile_names_stay_text(tmp_path: Path, values: dict[str, object], make: Make) -> None:
    bad = '<script>alert("x")</script>&$title'
    probabilities, labels = make(1, 60, 3)
    made = evaluate(probabilities, labels, (bad, "b", "c"), dataset=bad, split="test")
    hostile = values | {
        "title": bad, "recipe": {bad: bad}, "environment": {bad: {bad: [bad]}}, "layers": [{bad: bad}], "notes": [bad],
        "evaluations": {bad: made, "test": made}, "errors": worst(probabilities, labels),
        "probabilities": probabilities, "labels": labels,
    }  # fmt: skip
    page = written(tmp_path, hostile)
    assert not [tag for tag, _ in page.tags if tag == "script"]
    assert bad in page.text


def test_tables_beside_the_page_hold_the_same_figures(usual: Path, values: dict[str, object]) -> None:
    evaluations = values["evaluations"]
    assert isinstance(evaluations, dict)
    test: Evaluation = evaluations["test"]
    with (usual / "confusion.csv").open(newline="") as file:
        head, *rows = list(csv.reader(file))
    assert head == ["true", *"0123456789"]
    assert [[int(cell) for cell in row[1:]] for row in rows] == [list(row) for row in test.confusion]
    with (usual / "errors.csv").open(newline="") as file:
        errors = list(csv.DictReader(file))
    assert len(errors) == test.errors
    assert float(errors[0]["loss"]) == max(float(row["loss"]) for row in errors)
    assert errors[0]["label"] != errors[0]["predicted"]


def test_a_yes_or_no_question_has_a_roc_curve_and_its_defect_told(
    tmp_path: Path, values: dict[str, object], make: Make
) -> None:
    scores, labels = make(3, 60, 1)
    made = evaluate(
        scores, labels, ("other digits", "3"), dataset="mnist", split="test", decision="argmax-of-one-column"
    )
    page = written(
        tmp_path,
        values | {
            "title": "matched-filter@published", "evaluations": {"test": made}, "errors": worst(scores, labels),
            "probabilities": scores, "labels": labels, "kernels": torch.randn(1, 1, 28, 28),
        },
    )  # fmt: skip
    assert (tmp_path / "roc.png").exists()
    for words in ("Tells 3 from other digits", "ROC AUC", "argmax over one column", "As published", "this one picture"):
        assert words in page.text


def test_a_report_can_be_bare(tmp_path: Path, values: dict[str, object]) -> None:
    (tmp_path / "kernels.png").write_bytes(b"from an earlier report")
    right = evaluate(np.eye(2)[[0, 1]], np.array([0, 1]), "ab", dataset="d", split="validation")
    bare = values | {
        "recipe": {}, "environment": {}, "history": [], "layers": [], "evaluations": {"validation": right},
        "errors": [],
        "images": torch.zeros(2, 1, 5, 7, dtype=torch.uint8), "probabilities": np.eye(2), "labels": np.array([0, 1]),
        "kernels": None, "notes": [],
    }  # fmt: skip
    page = written(tmp_path, bare)
    assert sorted(path.name for path in tmp_path.glob("*.png")) == ["confusion.png", "reliability.png"]
    for absent in ("Worst errors", "Training", "Splits", "The network", "How it was made", "Notes"):
        assert absent not in page.text
    assert len((tmp_path / "errors.csv").read_text().splitlines()) == 1


def test_a_test_split_that_was_watched_is_not_called_unseen() -> None:
    looks: list[dict[str, object]] = [
        {"epoch": e, "step": s, "split": "test", "loss": 0.5} for e, s in [(0.5, 4), (1, 9)]
    ]
    assert watched([*HISTORY, *looks], "test")
    assert not watched([*HISTORY, looks[-1]], "test")  # once, at the end
    assert not watched([*HISTORY, *looks], "train-extra")


def test_what_does_not_belong_together_is_refused(tmp_path: Path, values: dict[str, object]) -> None:
    with pytest.raises(
        DataError, match="The report's test split was evaluated on 60 images, but 59 images and 60 labels"
    ):
        write_report(tmp_path, **values | {"images": torch.zeros(59, 1, 28, 28, dtype=torch.uint8)})  # type: ignore[arg-type]
    with pytest.raises(DataError, match="There is no evaluation to report"):
        write_report(tmp_path, **values | {"evaluations": {}})  # type: ignore[arg-type]


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, values: dict[str, object]) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RunError, match="Cannot create"):
        write_report(tmp_path / "file" / "run", **values)  # type: ignore[arg-type]


def test_the_evaluation_in_the_report_survives_json(values: dict[str, object]) -> None:
    evaluations = values["evaluations"]
    assert isinstance(evaluations, dict)
    again = Evaluation.from_dict(json.loads(json.dumps(evaluations["test"].to_dict())))
    assert report.confusion_csv(again) == report.confusion_csv(evaluations["test"])


def test_a_report_with_robustness_shows_its_plot_and_its_table(
    tmp_path: Path, values: dict[str, object], usual: Path
) -> None:
    level = Level("blur", "pixels", 0.5, 6, 0.9, (0.8, 0.95), 0.03)
    clean = replace(level, corruption="none", strength=0.0, accuracy=1.0, errors=0)
    robustness = Robustness("mnist", "test", 60, 0, clean, (level, replace(level, strength=1.0, accuracy=0.6)))
    page = written(tmp_path, values | {"robustness": robustness})
    text = page.text.replace("\N{NO-BREAK SPACE}", " ")
    assert "When images go wrong" in text
    assert "100.00 % of 60 test images are read as they are, 75.00 % on average" in text
    assert "blur, pixels0.5: 90.01: 60.03.0" in text
    assert (tmp_path / "robustness.png").read_bytes().startswith(b"\x89PNG")
    assert "When images go wrong" not in (usual / "report.html").read_text(encoding="utf-8")
