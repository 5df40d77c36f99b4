"""Models made into one file: it answers with their mean, keeps their cards, and takes only what belongs together."""

from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any, cast

import pytest
import torch
from rich.console import Console
from torch import Tensor

from inkwise.data.uci import read_uci_digits
from inkwise.errors import ModelError, UsageError
from inkwise.experiment.assessment import assess, contrast
from inkwise.experiment.ensemble import combine, members_table
from inkwise.experiment.experiment import Outcome
from inkwise.models.file import Card, read_model, write_model
from inkwise.models.network import build
from inkwise.recipes.recipe import Recipe
from inkwise.recognizer import Recognizer

DIGITS = tuple("0123456789")
DATA = {"name": "uci-digits", "hashes": {"a.npz": "00ff00ff00"}}
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a model file of random weights; `card` and `recipe` say what is unusual about it."""

    def make(name: str, seed: int = 0, card: dict[str, Any] | None = None, **recipe: Any) -> Path:
        values = {"network": ("flatten", "linear classes"), "dataset": "uci-digits", "validation": 97, **recipe}
        asked = Recipe(name=name, seed=seed, **values)
        known = {"classes": DIGITS, "data": DATA, "licence": "CC BY 4.0", **(card or {})}
        made = Card(recipe=asked.model_dump(mode="json"), **known)
        torch.manual_seed(seed)
        outputs = 1 if asked.binary else len(made.classes) + len(made.rejects)
        network = build(asked.network, classes=outputs, pixels=asked.pixels, input_shape=made.input_shape)
        path = tmp_path / f"{name}-{seed}.safetensors"
        write_model(path, network.state_dict(), made)
        return path

    return make


def test_the_file_answers_with_the_mean_of_its_members(write: Write, tmp_path: Path) -> None:
    lines = ("conv 3 5x5 stride 3", "batchnorm", "relu", "flatten", "linear classes")
    models = [write("plain", 0), write("plain", 1), write("other", 2, network=lines, pixels="signed")]
    combined = combine(models, tmp_path / "new" / "all.safetensors")
    loaded = Recognizer.load(combined.path)
    images = read_uci_digits().split("test").images
    each = [Recognizer.load(model).probabilities(images) for model in models]
    torch.testing.assert_close(loaded.probabilities(images), torch.stack(each).mean(0))
    assert assess(loaded, "uci-digits").to_dict() == combined.evaluation.to_dict()
    assert combined.evaluation.errors == int(
        (torch.stack(each).mean(0).argmax(1) != read_uci_digits().split("test").labels).sum()
    )
    assert loaded.predict(images[0, 0])[0].label in DIGITS
    assert contrast(loaded, Recognizer.load(models[0]), "uci-digits").n == 500
    for member, probabilities, model in zip(loaded.members, each, models, strict=True):
        assert torch.equal(member.probabilities(images), probabilities)
        assert member.card == read_model(model)[1]
        assert not member.members


def test_members_with_outputs_for_what_is_no_digit_have_them_together(write: Write, tmp_path: Path) -> None:
    rejects = ("not a digit", "two digits")
    models = [write("wary", seed, card={"rejects": rejects}, negatives=5) for seed in range(2)]
    combined = combine(models, tmp_path / "all.safetensors")
    loaded = Recognizer.load(combined.path)
    images = read_uci_digits().split("test").images
    mean = torch.stack([Recognizer.load(model).outputs(images).softmax(1) for model in models]).mean(0)
    assert loaded.rejects == rejects
    torch.testing.assert_close(loaded.judge(images).kinds[:, 1:], mean[:, 10:])
    torch.testing.assert_close(loaded.probabilities(images), mean[:, :10] / mean[:, :10].sum(1, keepdim=True))
    assert combined.evaluation.abstained == int((mean[:, :10].sum(1) < 0.5).sum())
    assert len(combined.evaluation.confusion) == 10


def test_the_card_keeps_every_member_whole_and_the_figure_on_test_alone(
    finished: Outcome, write: Write, tmp_path: Path
) -> None:
    card = read_model(finished.run.model_file)[1]
    twin = write("twin", 5, card={"data": card.data, "metrics": {"uci-digits/train": {"errors": 1, "n": 2}}})
    combined = combine([finished.run.folder, str(twin)], tmp_path / "both.safetensors")
    written = read_model(combined.path)[1]
    assert written.members == (card, read_model(twin)[1])
    assert (written.format, written.classes, written.data) == (2, DIGITS, card.data)
    assert (written.recipe, written.licence) == (card.recipe, card.licence)
    assert written.metrics == {"uci-digits/test": combined.evaluation.to_dict()}
    first, second = combined.members
    errors = finished.evaluations["test"].errors
    assert (first.model, first.recipe, first.seed) == (str(finished.run.folder), "quick", 0)
    assert (first.n, first.errors, first.to_dict()["accuracy"]) == (500, errors, 1 - errors / 500)
    assert (second.recipe, second.seed, second.n, second.errors) == ("twin", 5, None, None)
    assert second.to_dict()["accuracy"] is None


def test_the_order_of_the_members_changes_no_figure(write: Write, tmp_path: Path) -> None:
    models = [write("a", seed) for seed in range(3)]
    one = combine(models, tmp_path / "one.safetensors").evaluation
    other = combine(models[::-1], tmp_path / "other.safetensors").evaluation
    assert one.confusion == other.confusion
    assert one.nll == pytest.approx(other.nll)


def test_an_ensemble_that_is_worse_than_a_member_says_so(write: Write, tmp_path: Path) -> None:
    combined = combine([write("a"), write("a", 1)], tmp_path / "both.safetensors")
    assert combined.better_member is None
    errors = combined.evaluation.errors
    first, second = (replace(member, n=500, errors=count) for member, count in zip(
        combined.members, (errors, errors - 1), strict=True))  # fmt: skip
    assert replace(combined, members=(first, first)).better_member is None
    worse = replace(combined, members=(first, second))
    assert worse.better_member == second
    console = Console(file=StringIO(), width=200)
    console.print(members_table(worse), members_table(combined))
    told = "".join(cast("StringIO", console.file).getvalue().split())  # a long path is broken
    assert told.count("Theensemblemakesmoreerrorsthan") == 1
    assert f"moreerrorsthan{second.model}alone." in told


BINARY: dict[str, Any] = {
    "positive": 3, "loss": "binary-cross-entropy", "decision": "threshold",
    "network": ("conv 1 28x28 nobias", "flatten"), "card": {"classes": ("not 3", "3"), "data": DATA},
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"card": {"classes": tuple("abcdefghij")}},
            r"Models that differ in classes make no ensemble: .*a-0.* has 0, 1, .* has a, b, c",
        ),
        (
            {"card": {"input_shape": (1, 8, 8)}},
            "differ in the shape of images make no ensemble: .* has 1 x 28 x 28, .* has 1 x 8 x 8",
        ),
        (
            {"negatives": 5, "card": {"rejects": ("not a digit", "two digits"), "data": DATA}},
            "differ in what they turn away make no ensemble: .*a-0.* has nothing, .* has not a digit, two digits",
        ),
        (
            {"card": {"normaliser": "none"}},
            "differ in how images are normalised make no ensemble: .* has mnist-form, .* has none",
        ),
        (
            {"card": {"data": {"name": "mnist", "hashes": {}}}},
            "differ in the data they learned from make no ensemble: .* has uci-digits, .* has mnist; give",
        ),
        (
            {"card": {"data": {**DATA, "hashes": {"a.npz": "ee"}}}},
            r"both call it uci-digits, and the SHA-256 of its a\.npz is 00ff00ff for .*a-0.*, ee for .*b-1",
        ),
        ({"validation": 0}, "differ in how many images were held out of train make no ensemble: .* has 97, .* has 0"),
        (BINARY, r"b-1\.safetensors answers yes or no \(not 3, 3\); an ensemble is made of models with a probability"),
    ],
)
def test_models_that_do_not_belong_together_are_refused(
    write: Write, tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        combine([write("a"), write("b", 1, **changes)], tmp_path / "out.safetensors")
    assert not (tmp_path / "out.safetensors").exists()


def test_an_ensemble_within_an_ensemble_is_refused(write: Write, tmp_path: Path) -> None:
    inner = combine([write("a"), write("a", 1)], tmp_path / "inner.safetensors").path
    with pytest.raises(UsageError, match=r"inner\.safetensors is an ensemble itself; name the models that it was made"):
        combine([write("a", 2), inner], tmp_path / "outer.safetensors")


def test_the_same_network_counts_once(write: Write, finished: Outcome, tmp_path: Path) -> None:
    model = write("a")
    copied = tmp_path / "copy.safetensors"
    copied.write_bytes(model.read_bytes())
    for again in (model, copied):
        with pytest.raises(UsageError, match=r"a-0\.safetensors and .* are the same network, which would count twice"):
            combine([model, write("a", 1), again], tmp_path / "out.safetensors")
    with pytest.raises(UsageError, match="are the same network"):
        combine([finished.run.folder, finished.run.model_file], tmp_path / "out.safetensors")


@pytest.mark.parametrize(
    ("count", "name", "message"),
    [
        (0, "out.safetensors", "at least two members, and none was given; name two or more model files or run folders"),
        (1, "out.safetensors", r"at least two members, and .*a-0\.safetensors alone was given"),
        (2, "out.pt", r"one model file, so .*out\.pt must end in \.safetensors"),
        (2, "a-1.safetensors", r"a-1\.safetensors exists and is not replaced; give the ensemble another name"),
    ],
)
def test_a_request_that_cannot_be_is_refused(write: Write, tmp_path: Path, count: int, name: str, message: str) -> None:
    models = [write("a"), write("a", 1)][:count]
    write("a", 1)
    with pytest.raises(UsageError, match=message):
        combine(models, tmp_path / name)


def test_a_dataset_of_other_classes_is_refused_and_nothing_written(write: Write, tmp_path: Path) -> None:
    (tmp_path / "shapes" / "round").mkdir(parents=True)
    with pytest.raises(ModelError, match="There is no model file"):
        combine([write("a"), "none"], tmp_path / "out.safetensors")
    card = {"classes": tuple("abcdefghij")}
    with pytest.raises(UsageError, match="evaluate it on a dataset of the same classes"):
        combine([write("a", card=card), write("b", 1, card=card)], tmp_path / "out.safetensors")
    assert not (tmp_path / "out.safetensors").exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda w: {name: value for name, value in w.items() if name != "members.1.linear1.bias"},
        lambda w: {**w, "members.2.linear1.bias": torch.zeros(10)},
        lambda w: {**w, "members.1.linear1.bias": torch.zeros(9)},
    ],
    ids=["missing", "too many", "smaller"],
)
def test_a_file_whose_weights_are_not_its_members_is_refused(
    write: Write, tmp_path: Path, change: Callable[[dict[str, Tensor]], dict[str, Tensor]]
) -> None:
    path = combine([write("a"), write("a", 1)], tmp_path / "both.safetensors").path
    weights, card = read_model(path)
    write_model(path, change(weights), card)
    with pytest.raises(ModelError, match="is damaged: its weights do not fit the network that its card names"):
        Recognizer.load(path)


def test_a_file_of_yes_or_no_members_is_refused(write: Write, tmp_path: Path) -> None:
    weights, member = read_model(write("three", **BINARY))
    whole = {f"members.{number}.{name}": value for number in (0, 1) for name, value in weights.items()}
    path = tmp_path / "both.safetensors"
    write_model(path, whole, Card(format=2, recipe=member.recipe, classes=member.classes, members=(member, member)))
    with pytest.raises(ModelError, match="is damaged"):
        Recognizer.load(path)
