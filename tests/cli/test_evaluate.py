import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from inkwise.data.uci import read_uci_digits
from inkwise.models.file import FORMAT, Card, read_model, write_model
from inkwise.recipes.load import resolve
from inkwise.recognizer import Recognizer

Call = Callable[..., Any]

KEYS = {"dataset", "split", "n", "errors", "accuracy", "nll", "ece", "confusion", "abstained"}


def test_the_run_is_evaluated_on_its_own_dataset(inkwise: Call, run: Path) -> None:
    done = inkwise("evaluate", run)
    assert done.code == 0
    assert "uci-digits, test" in done.out
    assert "/ 500" in done.out
    assert max(map(len, done.lines)) <= 80
    assert done.err == ""


def test_run_folder_and_model_file_give_the_figures_of_the_run(inkwise: Call, run: Path, model: Path) -> None:
    known = json.loads((run / "evaluation.json").read_text())["test"]
    for name in (run, model):
        (line,) = inkwise("evaluate", name, "--json").lines
        found = json.loads(line)
        assert found.keys() >= KEYS
        assert found == known
        assert found["n"] == 500 == sum(map(sum, found["confusion"]))
        assert found["accuracy"] == 1 - found["errors"] / 500


@pytest.mark.parametrize(("split", "n"), [("train", 1097), ("validation", 200), ("test", 500), ("all", 1797)])
def test_every_split_is_told_by_its_name(inkwise: Call, run: Path, split: str, n: int) -> None:
    found = json.loads(inkwise("evaluate", run, "--split", split, "--json").out)
    assert (found["split"], found["n"]) == (split, n)


def test_all_is_every_split_together(inkwise: Call, run: Path) -> None:
    errors = {
        split: json.loads(inkwise("evaluate", run, "--split", split, "--json").out)["errors"]
        for split in ("train", "validation", "test", "all")
    }
    assert errors["all"] == errors["train"] + errors["validation"] + errors["test"]


def test_a_run_that_is_not_finished_is_said_to_be_so(inkwise: Call, run: Path, tmp_path: Path) -> None:
    begun = Path(shutil.copytree(run, tmp_path / "begun"))
    (begun / "evaluation.json").unlink()
    for name in (begun, begun / "last.safetensors"):
        done = inkwise("evaluate", name, "--json")
        assert (done.code, json.loads(done.out)["finished"]) == (0, False)
        said = done.err.replace("\n", " ")
        assert f"{begun} is not finished: these figures are of its model so far (`inkwise resume {begun}`)." in said
    shutil.copy(begun / "last.safetensors", tmp_path / "mine.safetensors")  # nobody knows of this one
    done = inkwise("evaluate", tmp_path / "mine.safetensors", "--json")
    assert (done.err, "finished" in done.out) == ("", False)


def test_an_unknown_split_is_told_the_known_ones(inkwise: Call, run: Path) -> None:
    done = inkwise("evaluate", run, "--split", "tests")
    assert done.code == 2
    assert done.err == "inkwise: There is no split 'tests'; accepted are train, validation, test, all.\n"


@pytest.mark.parametrize(
    ("dataset", "code", "sentence"),
    [
        ("uci-digit", 2, "There is no dataset 'uci-digit'. Did you mean 'uci-digits'?"),
        ("folder:nowhere", 1, "nowhere"),
        ("npz:nothing.npz", 1, "nothing.npz"),
        ("npz:", 2, "write npz:PATH"),
        ("mnist", 1, "mnist is not on this machine"),
    ],
)
def test_a_dataset_that_cannot_be_had_is_told(inkwise: Call, run: Path, dataset: str, code: int, sentence: str) -> None:
    done = inkwise("evaluate", run, "--dataset", dataset, "--offline")
    assert done.code == code
    assert sentence in done.err
    assert done.out == ""
    assert done.err.count("\n") == 1


def test_folders_and_archives_are_datasets(inkwise: Call, run: Path, tmp_path: Path) -> None:
    split = read_uci_digits().split("test")
    images, labels = split.images[:60, 0].numpy(), split.labels[:60].numpy()
    np.savez(tmp_path / "d.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    found = json.loads(inkwise("evaluate", run, "--dataset", f"npz:{tmp_path}/d.npz", "--json").out)
    assert (found["dataset"], found["n"]) == ("npz:d.npz", 60)
    for part in ("train", "test"):
        for index, (image, label) in enumerate(zip(images, labels, strict=True)):
            folder = tmp_path / "pictures" / part / str(label)
            folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(255 - image).save(folder / f"{index}.png")
    found = json.loads(inkwise("evaluate", run, "--dataset", f"folder:{tmp_path}/pictures", "--json").out)
    assert (found["dataset"], found["n"]) == ("folder:pictures", 60)
    assert found["accuracy"] > 0.8
    (tmp_path / "pictures" / "test" / "3" / "bad.png").write_bytes(b"not a picture")
    refused = inkwise("evaluate", run, "--dataset", f"folder:{tmp_path}/pictures")
    assert refused.code == 1
    assert "bad.png" in refused.err
    skipped = inkwise("evaluate", run, "--dataset", f"folder:{tmp_path}/pictures", "--skip-unreadable", "--json")
    assert json.loads(skipped.out)["n"] == 60
    assert "bad.png" in skipped.err


def test_a_dataset_of_other_classes_is_refused(inkwise: Call, run: Path, tmp_path: Path) -> None:
    images, labels = np.zeros((12, 28, 28), np.uint8), np.arange(12) % 2
    np.savez(tmp_path / "d.npz", images=images, labels=labels, classes=np.array(["cat", "dog"]))
    done = inkwise("evaluate", run, "--dataset", f"npz:{tmp_path}/d.npz")
    assert done.code == 2
    assert "has the classes cat, dog, the model answers 0, 1, 2" in done.err


@pytest.mark.parametrize(("least", "code"), [(0, 0), (0.5, 0), (0.9999, 3), (1, 3)])
def test_a_gate_not_met_exits_with_3_after_the_figures(inkwise: Call, run: Path, least: float, code: int) -> None:
    done = inkwise("evaluate", run, "--min-accuracy", least, "--json")
    assert done.code == code
    found = json.loads(done.out)
    if code:
        accuracy, wanted = f"{found['accuracy']:.6g}", f"{least:.6g}"
        assert done.err == f"inkwise: The accuracy is {accuracy}, below the {wanted} asked for.\n"


def test_the_accuracy_itself_meets_the_gate(inkwise: Call, run: Path) -> None:
    accuracy = json.loads(inkwise("evaluate", run, "--json").out)["accuracy"]
    assert inkwise("evaluate", run, "--min-accuracy", accuracy).code == 0


@pytest.mark.parametrize("least", ["nan", "99", "-0.1", "inf"])
def test_a_gate_that_is_no_share_is_wrong_use(inkwise: Call, run: Path, least: str) -> None:
    done = inkwise("evaluate", run, "--min-accuracy", least)
    assert done.code == 2
    assert done.out == ""
    assert done.err == f"inkwise: --min-accuracy is {least}; it must be a share from 0 to 1, such as 0.98.\n"


@pytest.mark.parametrize("device", ["gpu", "cuda:99"])
def test_a_device_that_is_not_here_is_wrong_use(inkwise: Call, run: Path, device: str) -> None:
    done = inkwise("evaluate", run, "--device", device)
    assert done.code == 2
    assert device in done.err


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("none", "There is no model file or run folder none; give a .safetensors file or a folder"),
        (".", ". is not a run folder: it has no recipe.toml"),
    ],
)
def test_what_is_no_model_is_one_sentence(inkwise: Call, name: str, sentence: str) -> None:
    done = inkwise("evaluate", name)
    assert done.code == 1
    assert sentence in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("damage", ["truncated", "bits"])
def test_a_damaged_model_is_one_sentence(inkwise: Call, model: Path, tmp_path: Path, damage: str) -> None:
    content = bytearray(model.read_bytes())
    if damage == "truncated":
        del content[len(content) // 2 :]
    else:
        content[50:300] = bytes(250)
    (tmp_path / "m.safetensors").write_bytes(content)
    done = inkwise("evaluate", tmp_path / "m.safetensors")
    assert done.code == 1
    assert done.err == (
        f"inkwise: {tmp_path}/m.safetensors is truncated or damaged ({len(content):,} bytes); "
        "copy or train the model again.\n"
    )


def test_a_model_of_a_future_version_is_one_sentence(inkwise: Call, model: Path, tmp_path: Path) -> None:
    weights, card = read_model(model)
    path = tmp_path / "m.safetensors"
    write_model(path, weights, card.model_copy(update={"format": FORMAT + 1}))
    done = inkwise("evaluate", path)
    assert done.code == 1
    told = f"has model format {FORMAT + 1}, this Inkwise reads up to {FORMAT}; install a newer Inkwise."
    assert done.err == f"inkwise: {path} {told}\n"


def test_weights_that_give_nan_are_one_sentence(inkwise: Call, model: Path, tmp_path: Path) -> None:
    weights, card = read_model(model)
    path = tmp_path / "m.safetensors"
    write_model(path, {name: value * float("nan") for name, value in weights.items()}, card)
    done = inkwise("evaluate", path)
    assert done.code == 1
    assert "gives probabilities that are nan: its weights are damaged" in done.err


def test_a_yes_or_no_model_is_judged_as_one(inkwise: Call, tmp_path: Path) -> None:
    path = tmp_path / "three.safetensors"
    threes = read_uci_digits().split("train")
    pixels = threes.images.double().flatten(1) / 255
    wanted = (threes.labels == 3).double() - 0.5
    template = 20 * torch.linalg.solve(pixels.T @ pixels + 3 * torch.eye(784), pixels.T @ wanted)
    card = Card(recipe=resolve("matched-filter").model_dump(mode="json"), classes=("not 3", "3"), threshold=0.4)
    write_model(path, {"conv1.weight": template.float().reshape(1, 1, 28, 28)}, card)
    found = json.loads(inkwise("evaluate", path, "--dataset", "uci-digits", "--json").out)
    assert found.keys() >= KEYS
    assert (found["classes"], found["threshold"], found["n"]) == (["not 3", "3"], 0.4, 500)
    assert len(found["confusion"]) == 2
    assert found["roc_auc"] > 0.9
    split = read_uci_digits().split("test")
    said = Recognizer.load(path).probabilities(split.images)[:, 0] >= 0.4
    assert found["errors"] == int((said != (split.labels == 3)).sum())
    table = inkwise("evaluate", path, "--dataset", "uci-digits").out
    assert "of what it calls 3 is 3" in table
    assert max(map(len, table.splitlines())) <= 80


def test_abstentions_are_counted_beside_an_accuracy_over_all_images(inkwise: Call, model: Path, wary: Path) -> None:
    plain, found = (
        json.loads(inkwise("evaluate", path, "--dataset", "uci-digits", "--json").out) for path in (model, wary)
    )
    assert 20 < found["abstained"] < 200
    assert found["confusion"] == plain["confusion"]  # the ten outputs are the same
    for name in ("n", "errors", "accuracy", "nll", "ece"):
        assert found[name] == pytest.approx(plain[name], abs=1e-6)
    split = read_uci_digits().split("test")
    answers = Recognizer.load(wary).answer(split.images)
    kept = [answer.accepted for answer in answers]
    wrong = [answer.label != str(label) for answer, label in zip(answers, split.labels.tolist(), strict=True)]
    assert found["abstained"] == kept.count(False)
    assert found["answered_errors"] == sum(each and taken for each, taken in zip(wrong, kept, strict=True))
    table = inkwise("evaluate", wary, "--dataset", "uci-digits").out
    assert f"{found['abstained']} / 500; of the {500 - found['abstained']} answered" in table
    assert max(map(len, table.splitlines())) <= 80
