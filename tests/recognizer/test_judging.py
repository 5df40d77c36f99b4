"""What a model with outputs for what is no digit makes of pictures, and what calibration and thresholds change."""

from pathlib import Path
from typing import Any

import pytest
import torch
from tests.recognizer_cases import DIGITS, LINEAR, THREE, Forms, Pixels, Weights, Write

from inkwise.errors import DataError, ModelError
from inkwise.models.ensemble import Ensemble
from inkwise.models.file import Card, read_model
from inkwise.recognizer import Judgement, Recognizer

REJECTS = ("not a digit", "two digits")
WARY = LINEAR.model_copy(update={"negatives": 10}).model_dump(mode="json")


@pytest.fixture(scope="session")
def wary(weights: Weights) -> Weights:
    """Weights of a model that takes ink along the top for no digit, and ink along the bottom for two."""
    top, bottom = torch.zeros(28, 28), torch.zeros(28, 28)
    top[0], bottom[-1] = 3, 3
    rows = torch.stack([top.flatten(), bottom.flatten()])
    return {
        "linear1.weight": torch.cat([weights["linear1.weight"], rows]),
        "linear1.bias": torch.cat([weights["linear1.bias"], torch.tensor([-8.0, -8.0])]),
    }


@pytest.fixture
def careful(write: Write, wary: Weights) -> Recognizer:
    return Recognizer.load(write(WARY, wary, rejects=REJECTS))


def marked(digit: Pixels, row: int) -> torch.Tensor:
    image = torch.from_numpy(digit.copy())[None, None]
    image[..., row, :] = 255
    return image


def changed(model: Recognizer, **card: Any) -> Recognizer:
    return Recognizer(model.network, model.card.model_copy(update=card), model.recipe)


def test_probabilities_are_among_the_classes_and_kinds_say_whether_it_is_any(
    careful: Recognizer, recognizer: Recognizer, forms: Forms
) -> None:
    images = forms[0][:40]
    judgement = careful.judge(images)
    outputs = careful.outputs(images)
    assert (outputs.shape, judgement.probabilities.shape, judgement.kinds.shape) == ((40, 12), (40, 10), (40, 3))
    torch.testing.assert_close(judgement.probabilities, recognizer.probabilities(images))  # the same ten outputs
    torch.testing.assert_close(judgement.kinds.sum(1), torch.ones(40))
    joint = outputs.softmax(1)
    torch.testing.assert_close(judgement.kinds[:, 0], joint[:, :10].sum(1))
    torch.testing.assert_close(judgement.kinds[:, 1:], joint[:, 10:])
    torch.testing.assert_close(judgement.kinds[:, :1] * judgement.probabilities, joint[:, :10])
    assert judgement.kinds.max() <= 1
    assert torch.equal(careful.decide(judgement.probabilities), outputs[:, :10].argmax(1))


def test_a_model_without_rejects_takes_everything_for_its_classes(recognizer: Recognizer, forms: Forms) -> None:
    judgement = recognizer.judge(forms[0][:7])
    assert torch.equal(judgement.kinds, torch.ones(7, 1))
    assert recognizer.reasons(judgement) == [None] * 7
    none = recognizer.judge(forms[0][:0])
    assert (none.probabilities.shape, none.kinds.shape) == ((0, 10), (0, 1))


def test_what_is_no_digit_is_not_accepted_and_the_reason_says_what_it_is(careful: Recognizer, digit: Pixels) -> None:
    plain, top, bottom = (
        careful.answer(image)[0] for image in (torch.from_numpy(digit)[None, None], marked(digit, 0), marked(digit, -1))
    )
    assert (plain.label, plain.accepted, plain.reason) == ("7", True, None)
    assert (top.accepted, top.reason) == (False, "not a digit")
    assert (bottom.accepted, bottom.reason) == (False, "two digits")
    assert max(top.confidence, bottom.confidence) < 0.01
    assert plain.confidence > 0.5
    for answer in (plain, top, bottom):
        assert sum(answer.probabilities) == pytest.approx(1, abs=1e-6)
        assert answer.label == DIGITS[answer.probabilities.index(max(answer.probabilities))]


def test_confidence_is_the_chance_of_one_digit_and_of_this_one(careful: Recognizer, forms: Forms) -> None:
    judgement = careful.judge(forms[0][:9])
    for answer, rows, kinds in zip(
        careful.answer(forms[0][:9]), judgement.probabilities, judgement.kinds.tolist(), strict=True
    ):
        assert answer.confidence == pytest.approx(kinds[0] * rows.max().item(), rel=1e-6)


def test_thresholds_of_the_card_decide_what_is_accepted(careful: Recognizer, forms: Forms) -> None:
    images = forms[0][:200]
    judgement = careful.judge(images)
    sure, one = judgement.probabilities.amax(1), judgement.kinds[:, 0]
    middle = {"digit": float(one.quantile(0.1)), "confidence": float(sure.quantile(0.3))}
    strict = changed(careful, rejection=middle)
    expected = (one.double() >= middle["digit"]) & (sure.double() >= middle["confidence"])
    answers = strict.answer(images)
    assert [answer.accepted for answer in answers] == expected.tolist()
    assert 100 < sum(expected.tolist()) < 180
    reasons = {answer.reason for answer in answers if not answer.accepted}
    assert any(reason and reason.startswith("unsure between ") for reason in reasons)
    loose = changed(careful, rejection={"digit": 0.0, "confidence": 0.0})
    assert all(answer.accepted for answer in loose.answer(images))


def test_a_blank_is_no_ink_whatever_the_network_says(careful: Recognizer) -> None:
    (answer,) = careful.predict(torch.full((28, 28), 255, dtype=torch.uint8))
    assert (answer.accepted, answer.reason) == (False, "no ink found")


def test_the_temperature_is_applied_to_every_output_and_changes_no_answer(careful: Recognizer, forms: Forms) -> None:
    images = forms[0][:50]
    warm = changed(careful, calibration={"temperature": 2.5})
    logits = careful.outputs(images) / 2.5
    judgement = warm.judge(images)
    torch.testing.assert_close(judgement.probabilities, logits[:, :10].softmax(1))
    torch.testing.assert_close(judgement.kinds[:, 1:], logits.softmax(1)[:, 10:])
    assert torch.equal(warm.decide(judgement.probabilities), careful.decide(careful.probabilities(images)))
    assert torch.equal(warm.outputs(images), careful.outputs(images))


@pytest.mark.parametrize("last", [(), ("softmax",)])
def test_a_temperature_means_the_same_where_the_network_gives_probabilities_itself(
    write: Write, weights: Weights, forms: Forms, last: tuple[str, ...]
) -> None:
    recipe = LINEAR.model_copy(update={"network": ("flatten", "linear classes", *last)}).model_dump(mode="json")
    model = Recognizer.load(write(recipe, weights, calibration={"temperature": 3.0}))
    logits = forms[0][:20].flatten(1).float() / 255 @ weights["linear1.weight"].T
    torch.testing.assert_close(model.probabilities(forms[0][:20]), (logits / 3).softmax(1), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("last", [(), ("sigmoid",)])
def test_a_yes_or_no_is_calibrated_too(write: Write, forms: Forms, last: tuple[str, ...]) -> None:
    recipe = THREE.model_copy(update={"network": (*THREE.network, *last)}).model_dump(mode="json")
    kernel = torch.linspace(-0.02, 0.03, 784).reshape(1, 1, 28, 28)
    model = Recognizer.load(
        write(recipe, {"conv1.weight": kernel}, ("not 3", "3"), calibration={"temperature": 2.0}, threshold=0.5)
    )
    logits = (forms[0][:20].float() / 255 * kernel).sum((1, 2, 3))[:, None]
    torch.testing.assert_close(model.probabilities(forms[0][:20]), (logits / 2).sigmoid(), rtol=1e-4, atol=1e-5)
    assert all(answer.accepted for answer in model.answer(forms[0][:20]))


def test_an_ensemble_has_the_mean_of_its_members_joint_probabilities(careful: Recognizer, forms: Forms) -> None:
    twin = Recognizer.load(str(careful.path))
    with torch.no_grad():
        twin.network.get_parameter("linear1.bias")[10] += 8
    card = Card(format=2, recipe=WARY, classes=DIGITS, rejects=REJECTS, members=(careful.card, twin.card))
    both = Recognizer(Ensemble([careful.network, twin.network]), card, careful.recipe)  # type: ignore[list-item]
    images = forms[0][:30]
    mean = (careful.outputs(images).softmax(1) + twin.outputs(images).softmax(1)) / 2
    judgement = both.judge(images)
    torch.testing.assert_close(judgement.kinds, torch.cat([mean[:, :10].sum(1, keepdim=True), mean[:, 10:]], 1))
    torch.testing.assert_close(judgement.probabilities, mean[:, :10] / mean[:, :10].sum(1, keepdim=True))


# Loading


def test_a_file_has_as_many_outputs_as_classes_and_rejects(write: Write, weights: Weights, wary: Weights) -> None:
    path = write(WARY, wary, rejects=REJECTS)
    assert Recognizer.load(path).rejects == REJECTS == read_model(path)[1].rejects
    for given, names in ((wary, ()), (weights, REJECTS)):
        with pytest.raises(ModelError, match="its weights do not fit the network that its card names"):
            Recognizer.load(write(WARY, given, rejects=names))
    with pytest.raises(ModelError, match="has a yes-or-no recipe and 4 classes"):
        Recognizer.load(write(THREE.model_dump(mode="json"), weights, ("not 3", "3"), rejects=REJECTS))


def test_a_flipped_byte_of_the_weights_is_refused(write: Write, weights: Weights) -> None:
    path: Path = write(LINEAR.model_dump(mode="json"), weights)
    content = bytearray(path.read_bytes())
    content[-7] ^= 64
    path.unlink()
    path.write_bytes(content)
    with pytest.raises(ModelError, match="is damaged: the SHA-256 of its weights is not the one in its card"):
        Recognizer.load(path)


def test_weights_that_give_nan_are_told_whatever_gives_it(careful: Recognizer, forms: Forms) -> None:
    with pytest.raises(ModelError, match="gives probabilities that are nan"):
        careful.interpret(careful.outputs(forms[0][:3]) * float("nan"))
    broken = changed(careful, rejection={"warmth": 0.5})
    with pytest.raises(DataError, match="These are no thresholds"):
        broken.reasons(Judgement(torch.ones(1, 10) / 10, torch.ones(1, 3) / 3))
