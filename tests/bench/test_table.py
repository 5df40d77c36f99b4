"""The table, the page and the JSON file say what the runs were, and who is missing."""

import json
from collections.abc import Callable
from pathlib import Path

from inkwise.bench.book import Book, LeftOut, Run
from inkwise.bench.standing import standings
from inkwise.bench.table import ACCURACY, COST, accuracy_rows, cost_rows, of_dataset, printed, values, write


def test_rows_have_means_spreads_and_shares(book: Book) -> None:
    rows = accuracy_rows(standings(book, 0.99))
    assert all(len(row) == len(ACCURACY) for row in rows)
    assert rows[0] == ("fast", "2", "99.050 ± 0.071", "2 / 2", "2.50 (2.00 to 3.00)", "4.50 (4.00 to 5.00)")
    assert rows[1] == ("published-fast", "2", "98.990 ± 0.071", "1 / 2", "11.0 (10.0 to 12.0)", "1.00 (1.00 to 1.00)")
    assert rows[2] == ("classical", "1", "98.70", "0 / 1", "200", "0.050")


def test_costs_are_shown_and_a_missing_one_is_a_dash(book: Book) -> None:
    rows = cost_rows(standings(book, 0.99))
    assert all(len(row) == len(COST) for row in rows)
    assert rows[0] == ("fast", "2", "1.25", "9,000", "400", "20,000", "0.50", "1.50")
    assert rows[2][4] == rows[2][7] == "-"


def test_a_model_whose_training_is_not_known_has_dashes(book: Book, run_of: Callable[..., Run]) -> None:
    book.append(run_of("model", ours=True, seconds=None, epochs=None))
    found = standings(book, 0.99)
    assert [one.name for one in found] == ["fast", "model", "published-fast", "classical"]
    assert accuracy_rows(found)[1] == ("model", "1", "99.00", "1 / 1", "-", "-")
    assert cost_rows(found)[1][1:3] == ("-", "-")


def test_the_page_has_commands_conditions_plots_and_who_is_missing(book: Book, tmp_path: Path) -> None:
    book.append(LeftOut(left_out="keras-jax", what="Keras on JAX", reason="No module named 'jax'."))
    result = values(book, 0.99, 0.05)
    path = write(tmp_path / "results", book, result)
    text = path.read_text(encoding="utf-8")
    for part in (
        "| runs at 99.00 % or above |",
        "    inkwise bench\n",
        "a processor, cores 2, threads 2; oneDNN uses\nAVX2; set: ONEDNN_MAX_CPU_ISA=AVX2",
        "- `keras-jax` (Keras on JAX) was left out: No module named 'jax'.",
        "99.641 ± 0.047 %, mean of 1,500 runs, nothing chosen on test (Chris Deotte, https://github.com/cdeotte/",
        "7,918 parameters: 99.52 %, the best of 15 epochs of one run, chosen on test; no mean is published (Snehanshu",
        "the training time of `published-fast` over",
        "where the dataset\nlies (`--data`) and where the results go (`--out`) are left out",
        "`import inkwise` alone takes\n0.050 s",
        "![Test error against training time, both logarithmic](bench-time.png)",
    ):
        assert part in text
    assert "not a measurement" not in text
    assert {file.name for file in path.parent.iterdir()} == {
        "bench.md",
        "bench.json",
        "bench-time.png",
        "bench-parameters.png",
    }
    kept = json.loads((path.parent / "bench.json").read_text(encoding="utf-8"))
    assert kept["contenders"][0]["train_seconds"] == [2.0, 3.0]
    assert kept["conditions"]["instructions"] == "AVX2"
    assert kept["left_out"][0]["left_out"] == "keras-jax"
    assert kept["mark"] == 0.99


def test_a_trial_says_loudly_that_it_is_none(book: Book, tmp_path: Path) -> None:
    trial = Book(tmp_path / "trial")
    for run in book.runs:
        conditions = run.conditions.model_copy(update={"quick": True})
        trial.append(run.model_copy(update={"conditions": conditions}))
    page = write(tmp_path / "results", trial, values(trial, 0.99, "it fails"))
    text = page.read_text(encoding="utf-8")
    assert "**This is a trial of the machinery with few images and one epoch, not a measurement.**" in text
    assert "alone takes\nit fails" in text


def test_another_dataset_than_mnist_has_nothing_of_mnists(book: Book, tmp_path: Path) -> None:
    other = Book(tmp_path / "other")
    for run in book.runs:
        if run.name != "published-fast":
            conditions = run.conditions.model_copy(update={"dataset": "kmnist"})
            other.append(run.model_copy(update={"conditions": conditions, "what": "99 % in two seconds"}))
    result = values(other, 0.95, 0.05)
    text = write(tmp_path / "results", other, result).read_text(encoding="utf-8")
    for absent in ("Hollow", "Deotte", "published-fast", "x faster", "99 %"):
        assert absent not in text
    assert "- `fast`: a recipe made for MNIST; products in float32\n" in text
    assert result["as_published_not_measured"] == []
    assert {one["what"] for one in result["contenders"]} == {"a recipe made for MNIST"}
    assert [head[-1] for head, _ in printed(standings(other, 0.95))] == [
        "runs at 95.00 % or above",
        "s / epoch",
        "import, s",
    ]


def test_an_accuracy_is_said_of_mnist_alone() -> None:
    what = "the fastest published route to 99 %: one epoch in float32, in memory"
    assert of_dataset(what, "mnist") == what
    assert of_dataset(what, "kmnist") == "one epoch in float32, in memory"
    assert of_dataset("PyTorch's own MNIST example, 14 epochs", "kmnist") == "PyTorch's own MNIST example, 14 epochs"


def test_products_of_an_unknown_type_are_not_spoken_of(book: Book, run_of: Callable[..., Run], tmp_path: Path) -> None:
    book.append(run_of("both", ours=True, precision="an unknown type", what="the mean of 2 networks of fast"))
    text = write(tmp_path / "results", book, values(book, 0.99, 0.05)).read_text(encoding="utf-8")
    assert "- `both`: the mean of 2 networks of fast\n" in text
