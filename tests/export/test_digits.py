"""Which digits an export is made and checked with."""

from pathlib import Path

import pytest
import torch
from tests.export_cases import model, yes_or_no

from inkwise.data.uci import read_uci_digits
from inkwise.errors import ModelError
from inkwise.export.digits import find_digits
from inkwise.recognizer import Recognizer

LINES = ("flatten", "linear classes")


def learned_from(dataset: str, recognizer: Recognizer | None = None) -> Recognizer:
    recognizer = recognizer or model(LINES)
    recipe = recognizer.recipe.model_copy(update={"dataset": dataset})
    return Recognizer(recognizer.network, recognizer.card, recipe)


def test_the_models_own_dataset_is_used_and_nothing_is_said() -> None:
    said: list[str] = []
    digits = find_digits(model(LINES), say=said.append)
    test = read_uci_digits().split("test")
    assert (digits.dataset, digits.labelled, said) == ("uci-digits", True, [])
    assert torch.equal(digits.test.images, test.images)
    train = digits.train.images
    assert torch.equal(digits.calibrating(3), train[[0, (len(train) - 1) // 2, len(train) - 1]])
    assert len(digits.calibrating(10**6)) == len(train)


def test_where_that_is_missing_the_packaged_digits_are_used_and_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("INKWISE_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for dataset in ("mnist", f"folder:{tmp_path / 'gone'}", "nonsense"):
        said: list[str] = []
        digits = find_digits(learned_from(dataset), say=said.append)
        assert (digits.dataset, digits.labelled, len(digits.test)) == ("uci-digits", True, 500)
        (sentence,) = said
        assert sentence.startswith(
            f"{dataset} is not on this machine: the export is made and checked with the packaged"
        )


def test_yes_or_no_has_labels_of_yes_or_no() -> None:
    digits = find_digits(yes_or_no())
    assert set(digits.test.labels.tolist()) == {0, 1}
    assert int(digits.test.labels.sum()) == int((read_uci_digits().split("test").labels == 3).sum())


def test_other_classes_than_digits_have_no_labels(tmp_path: Path) -> None:
    letters = model(LINES)
    card = letters.card.model_copy(update={"classes": tuple("abcdefghij")})
    said: list[str] = []
    gone = learned_from(f"npz:{tmp_path / 'letters.npz'}", Recognizer(letters.network, card, letters.recipe))
    assert not find_digits(gone, say=said.append).labelled
    assert said[0].endswith(
        "with the packaged UCI digits; their classes are not the model's, so no errors are counted."
    )


def test_a_network_for_other_sizes_cannot_be_checked() -> None:
    made = model(LINES)
    card = made.card.model_copy(update={"input_shape": (1, 32, 20)})
    with pytest.raises(
        ModelError, match="takes images of 1 x 32 x 20, and the digits to check an export on are 1 x 28"
    ):
        find_digits(Recognizer(made.network, card, made.recipe))
