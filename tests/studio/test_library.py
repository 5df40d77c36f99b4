import shutil
from pathlib import Path

import pytest
import torch

from inkwise.errors import InkwiseError, UnknownName
from inkwise.models import shipped
from inkwise.models.file import read_model, write_model
from inkwise.recipes import registry
from inkwise.runs.run import Run
from inkwise.studio.library import Library


@pytest.fixture
def copied(runs: Path, tmp_path: Path) -> Library:
    """A library of its own, with the runs tiny and below/tiny."""
    for name in ("below/tiny", "tiny"):  # trainings that other tests begin from the page stay out
        shutil.copytree(runs / name, tmp_path / "runs" / name)
    return Library(tmp_path / "runs")


@pytest.fixture
def nothing_shipped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shipped, "FOLDER", tmp_path / "nowhere")


def test_it_offers_shipped_models_runs_and_every_recipe_in_this_order(copied: Library) -> None:
    entries = copied.entries()
    kinds = [entry.kind for entry in entries]
    assert kinds == sorted(kinds, key=("shipped", "run", "recipe").index)
    assert {entry.id for entry in entries if entry.kind == "run"} == {"run:tiny", "run:below/tiny"}
    assert [entry.name for entry in entries if entry.kind == "recipe"] == list(registry.names())
    packaged = [name for name in shipped.NAMES if shipped.file_of(name).is_file()]
    assert [entry.name for entry in entries if entry.kind == "shipped"] == packaged


def test_the_newest_run_comes_first(copied: Library) -> None:
    copied.run("below/tiny").model_file.touch()
    assert [entry.name for entry in copied.entries() if entry.kind == "run"] == ["below/tiny", "tiny"]


def test_what_can_be_listed_can_be_loaded(copied: Library) -> None:
    for entry in copied.entries():
        recognizer = copied.get(entry.id)
        shape = (1, *recognizer.card.input_shape)
        assert len(recognizer.answer(torch.zeros(shape, dtype=torch.uint8))) == 1
        assert (recognizer.path is None) is (entry.kind == "recipe")


def test_a_run_without_a_model_or_with_a_damaged_recipe_is_not_listed_and_hides_no_other(copied: Library) -> None:
    copied.run("below/tiny").model_file.unlink()
    shutil.copytree(copied.runs / "tiny", copied.runs / "broken")
    (copied.runs / "broken" / "recipe.toml").write_text("nonsense = [")
    assert [entry.id for entry in copied.entries() if entry.kind == "run"] == ["run:tiny"]


@pytest.mark.usefixtures("nothing_shipped")
def test_it_begins_with_the_newest_finished_run_and_else_with_a_recipe(copied: Library, tmp_path: Path) -> None:
    copied.run("below/tiny").model_file.touch()
    assert copied.default() == "run:below/tiny"
    copied.run("below/tiny").evaluation_file.unlink()
    assert copied.default() == "run:tiny"
    assert Library(tmp_path / "none").default() == "recipe:fast"


def test_a_folder_that_does_not_exist_has_no_runs(tmp_path: Path) -> None:
    assert [entry for entry in Library(tmp_path / "none").entries() if entry.kind == "run"] == []


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../outside", "/etc", "tiny/../../outside", "tiny\0", "link", "below", "nothing", "x" * 5000],
)
def test_no_name_leads_out_of_the_runs_folder(copied: Library, name: str) -> None:
    outside = copied.runs.parent / "outside"
    shutil.copytree(copied.runs / "tiny", outside)
    (copied.runs / "link").symlink_to(outside)
    with pytest.raises(UnknownName, match="There is no run"):
        copied.run(name)
    with pytest.raises(UnknownName):
        copied.get(f"run:{name}")


@pytest.mark.parametrize("model", ["", "tiny", "run", "recipe:none", "shipped:none", "file:/etc/passwd", "run:tyni"])
def test_an_unknown_model_is_said_to_be_one(copied: Library, model: str) -> None:
    with pytest.raises(UnknownName):
        copied.get(model)


def test_what_comes_close_is_suggested(copied: Library) -> None:
    with pytest.raises(UnknownName, match=r"There is no run 'below/tiyn'\. Did you mean 'below/tiny'\?"):
        copied.get("run:below/tiyn")


def test_a_model_is_loaded_once_and_again_when_its_file_changes(copied: Library) -> None:
    first = copied.get("run:tiny")
    assert copied.get("run:tiny") is first
    file = Run(copied.runs / "tiny").model_file
    weights, card = read_model(file)
    write_model(file, {name: 2 * value for name, value in weights.items()}, card)
    again = copied.get("run:tiny")
    assert again is not first
    after, before = again.network.state_dict(), first.network.state_dict()
    torch.testing.assert_close(after["linear1.weight"], 2 * before["linear1.weight"])


def test_a_damaged_model_file_is_told(copied: Library) -> None:
    Run(copied.runs / "tiny").model_file.write_bytes(b"no model")
    with pytest.raises(InkwiseError, match="tiny"):
        copied.get("run:tiny")
