"""What a recogniser answers: every form of a digit, many and none, copies, and a yes or no."""

import copy
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from tests.forked import python
from tests.recognizer_cases import DIGITS, THREE, Forms, Pixels, Write, least_squares, png

from inkwise.data.uci import read_uci_digits
from inkwise.errors import ImageError, ShapeError, UsageError
from inkwise.recognizer import Recognizer


def test_every_form_of_a_digit_gives_the_same_answer(recognizer: Recognizer, digit: Pixels, tmp_path: Path) -> None:
    path = tmp_path / "seven.png"
    path.write_bytes(png(digit))
    forms: list[Any] = [
        str(path),
        path,
        png(digit),
        bytearray(png(digit)),
        memoryview(png(digit)),
        Image.fromarray(digit),
        Image.fromarray(digit).convert("RGB"),
        digit,
        digit[None],
        digit[None, None],
        digit[None, :, :, None],
        digit[:, :, None],
        np.stack([digit] * 3, axis=-1),
        np.stack([digit] * 3, axis=-1)[None],
        digit.astype(np.uint16) * 257,
        digit.astype(np.float64) / 255,
        np.asfortranarray(digit),
        torch.from_numpy(digit),
        torch.from_numpy(digit)[None, None],
        torch.from_numpy(digit).float() / 255,
        (torch.from_numpy(digit).float() / 255).requires_grad_(),
        255 - digit,
    ]
    wanted = recognizer.predict(digit)[0]
    assert wanted.label == "7"
    for form in forms:
        (answer,) = recognizer.predict(form)
        assert answer.label == wanted.label
        assert answer.probabilities == pytest.approx(wanted.probabilities, abs=1e-6)


def test_a_list_of_mixed_forms_is_answered_in_order(recognizer: Recognizer, digit: Pixels, tmp_path: Path) -> None:
    path = tmp_path / "seven.png"
    path.write_bytes(png(digit))
    blank = np.zeros((28, 28), np.uint8)
    answers = recognizer.predict([path, blank, png(digit), Image.fromarray(digit), torch.from_numpy(digit), digit])
    assert [answer.accepted for answer in answers] == [True, False, True, True, True, True]
    assert [answer.label for answer in answers if answer.accepted] == ["7"] * 5
    assert [answer.label for answer in recognizer.predict((digit, digit))] == ["7"] * 2


def test_no_image_gives_no_answer(recognizer: Recognizer) -> None:
    nothing: list[Any] = [[], (), np.zeros((0, 28, 28), np.uint8), torch.zeros(0, 1, 28, 28, dtype=torch.uint8)]
    assert [recognizer.predict(none) for none in nothing] == [[], [], [], []]
    assert recognizer.probabilities(torch.zeros(0, 1, 28, 28, dtype=torch.uint8)).shape == (0, 10)


def test_bfloat16_is_read(recognizer: Recognizer, digit: Pixels) -> None:
    assert recognizer.predict(torch.from_numpy(digit).bfloat16() / 255)[0].label == "7"
    assert recognizer.predict(torch.from_numpy(digit)[None, None].bfloat16() / 255)[0].label == "7"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (np.zeros((), np.uint8), "is not an image"),
        (np.zeros(28, np.uint8), "is not an image"),
        (np.zeros((2, 3, 28, 28), np.uint8), r"The array of shape \(3, 28, 28\) is not an image"),
        (np.zeros((1, 1, 1, 28, 28), np.uint8), "is not an image"),
        (np.zeros((28, 0), np.uint8), "has no pixels"),
        (np.zeros((28, 28), np.int64), "has dtype int64"),
        (np.full((28, 28), 2.0), "floating point from 0 to 1 is accepted"),
        (np.full((28, 28), np.nan), "nan or infinite"),
        (torch.full((28, 28), -1.0), "floating point from 0 to 1 is accepted"),
        ("", "is a folder, not an image"),
        ("no such file.png", "There is no file no such file.png"),
        (b"", "is empty"),
        (b"text", "not an image of a known format"),
    ],
)
def test_what_is_no_image_is_an_image_error(recognizer: Recognizer, wrong: Any, message: str) -> None:
    with pytest.raises(ImageError, match=message):
        recognizer.predict(wrong)


# What an answer says


def test_an_answer_names_the_class_and_its_probability(recognizer: Recognizer, digit: Pixels) -> None:
    (answer,) = recognizer.predict(digit)
    assert answer.accepted
    assert answer.reason is None
    assert len(answer.probabilities) == 10
    assert answer.confidence == max(answer.probabilities) == answer.probabilities[DIGITS.index(answer.label)]
    assert sum(answer.probabilities) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("size", [(1, 1), (28, 28), (300, 200), (1, 500)])
def test_without_ink_nothing_is_accepted_and_the_reason_is_given(recognizer: Recognizer, size: tuple[int, int]) -> None:
    (answer,) = recognizer.predict(np.full(size, 255, np.uint8))
    assert not answer.accepted
    assert answer.reason == "no ink found"


def test_batch_size_changes_no_answer(recognizer: Recognizer, forms: Forms) -> None:
    images = forms[0][:150]
    wanted = recognizer.probabilities(images)
    for size in (1, 7, 150, 1000):
        assert (recognizer.probabilities(images, batch_size=size) - wanted).abs().max() <= 1e-6
    for answer, image in zip(recognizer.predict(images[:9], batch_size=4), images[:9, 0], strict=True):
        assert answer.probabilities == pytest.approx(recognizer.predict(image)[0].probabilities, abs=1e-6)


@pytest.mark.parametrize("size", [0, -1])
def test_a_batch_size_below_one_is_refused(recognizer: Recognizer, digit: Pixels, size: int) -> None:
    with pytest.raises(UsageError, match=f"batch_size is {size}; it must be at least 1"):
        recognizer.predict(digit, batch_size=size)
    with pytest.raises(UsageError, match="batch_size is"):
        recognizer.probabilities(torch.from_numpy(digit)[None, None], batch_size=size)


def test_probabilities_and_predict_agree_on_what_has_the_form(recognizer: Recognizer, forms: Forms) -> None:
    images, labels = forms
    direct = recognizer.decide(recognizer.probabilities(images))
    read = torch.tensor([int(answer.label) for answer in recognizer.predict(images)])
    assert (direct == read).float().mean() >= 0.99
    assert (direct == labels).float().mean() >= 0.95  # the agreement is not that of a model that knows nothing


def test_images_of_another_size_are_refused(recognizer: Recognizer) -> None:
    with pytest.raises(ShapeError, match=r"was given shape \(1, 1, 8, 8\)"):
        recognizer.probabilities(torch.zeros(1, 1, 8, 8, dtype=torch.uint8))


def test_images_of_other_numbers_than_bytes_are_refused(recognizer: Recognizer) -> None:
    with pytest.raises(UsageError, match=r"are uint8, ink 255 on background 0, and these are float32; ink in \[0, 1\]"):
        recognizer.probabilities(torch.zeros(1, 1, 28, 28))


# Elsewhere


@pytest.mark.parametrize("way", [copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])  # noqa: S301
def test_one_that_has_answered_is_copied_and_sent(
    recognizer: Recognizer, forms: Forms, way: Callable[[Recognizer], Recognizer]
) -> None:
    images = forms[0][:20]
    expected = recognizer.probabilities(images)
    twin = way(recognizer)
    assert torch.equal(twin.probabilities(images), expected)
    with torch.no_grad():
        twin.network.get_parameter("linear1.weight").zero_()
    assert torch.equal(twin.probabilities(images), torch.full((20, 10), 0.1))  # it answers from its own network
    assert torch.equal(recognizer.probabilities(images), expected)


def test_one_that_has_answered_works_in_another_process(recognizer: Recognizer, forms: Forms, tmp_path: Path) -> None:
    images = forms[0][:4]
    expected = recognizer.probabilities(images)
    (tmp_path / "both").write_bytes(pickle.dumps((recognizer, images)))
    (tmp_path / "answer.py").write_text(
        "import pickle; recognizer, images = pickle.load(open('both', 'rb')); "
        "print(recognizer.probabilities(images).tolist())"
    )
    done = python("answer.py", folder=tmp_path)
    assert done.code == 0, done.err
    torch.testing.assert_close(torch.tensor(json.loads(done.out)), expected)


def test_one_loaded_in_inference_mode_answers_as_any_and_can_be_trained(
    model: Path, recognizer: Recognizer, forms: Forms
) -> None:
    images = forms[0][:20]
    with torch.inference_mode():
        loaded = Recognizer.load(model)
        assert torch.equal(loaded.probabilities(images), recognizer.probabilities(images))
    assert not any(weight.is_inference() for weight in loaded.network.parameters())


# A yes-or-no model


@pytest.fixture
def three(forms: Forms, write: Write) -> Recognizer:
    """A model that answers whether a digit is a 3, yes from a probability of 0.3 on."""
    images, labels = forms
    template = 20 * least_squares(images, (labels == 3).double()[:, None] - 0.5)
    weights = {"conv1.weight": template.reshape(1, 1, 28, 28)}
    path = write(THREE.model_dump(mode="json"), weights, ("not 3", "3"), threshold=0.3)
    return Recognizer.load(path)


def test_a_yes_or_no_model_answers_from_its_threshold_on(three: Recognizer, forms: Forms) -> None:
    images, labels = forms
    yes = three.probabilities(images)
    assert yes.shape == (len(images), 1)
    assert torch.equal(three.decide(yes), (yes[:, 0] >= 0.3).long())
    assert three.decide(torch.tensor([[0.2999], [0.3], [0.31]])).tolist() == [0, 1, 1]
    near = [index for index in range(len(images)) if 0.3 <= yes[index, 0] < 0.5]
    assert near, "no image between the threshold and one half"
    for answer in three.predict(images[near[:5]]):
        assert len(answer.probabilities) == 2
        assert sum(answer.probabilities) == pytest.approx(1, abs=1e-6)
        assert answer.label == ("3" if answer.probabilities[1] >= 0.3 else "not 3")
        assert answer.confidence == answer.probabilities[three.classes.index(answer.label)]
    assert (three.decide(yes) == (labels == 3)).float().mean() > 0.9


def test_without_a_threshold_a_yes_is_more_likely_than_not(write: Write) -> None:
    path = write(THREE.model_dump(mode="json"), {"conv1.weight": torch.zeros(1, 1, 28, 28)}, ("not 3", "3"))
    assert Recognizer.load(path).threshold == 0.5


# The model file alone


def test_images_in_form_are_answered_as_they_are(recognizer: Recognizer) -> None:
    images = read_uci_digits().split("test").images[:5]
    answers = recognizer.answer(images)
    rows = recognizer.probabilities(images)
    assert [answer.probabilities for answer in answers] == [tuple(row) for row in rows.tolist()]
    assert all(answer.accepted and answer.reason is None for answer in answers)
    assert recognizer.answer(images[:0]) == []
