"""The module that is exported answers as the recogniser does, for every sort of model."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from tests.export_cases import PLAIN, REJECTS, UPRIGHT, ensemble, model, yes_or_no
from torch import Tensor

from inkwise.export.answering import Answering, _at_least
from inkwise.recognizer import Recognizer

MODELS: dict[str, Callable[[], Recognizer]] = {
    "plain": lambda: model(UPRIGHT, gain=20.0),
    "tempered": lambda: model(UPRIGHT, gain=20.0, calibration={"temperature": 2.0}),
    "choosy": lambda: model(UPRIGHT, gain=20.0, rejection={"digit": 0.0, "confidence": 0.6}),
    "wary": lambda: model(UPRIGHT, gain=20.0, rejects=REJECTS),
    "wary, choosy, tempered": lambda: model(
        UPRIGHT,
        pixels="unit",
        gain=20.0,
        rejects=REJECTS,
        calibration={"temperature": 0.7},
        rejection={"digit": 0.9, "confidence": 0.6},
    ),
    "softmax": lambda: model(PLAIN, pixels="standard", gain=50.0),
    "softmax, tempered": lambda: model(PLAIN, pixels="signed", gain=50.0, calibration={"temperature": 3.0}),
    "yes or no": yes_or_no,
    "yes or no, tempered": lambda: yes_or_no(calibration={"temperature": 0.5}, threshold=0.55),
    "ensemble": lambda: ensemble(model(UPRIGHT, gain=20.0), model(PLAIN, gain=50.0)),
    "wary ensemble": lambda: ensemble(
        model(UPRIGHT, gain=20.0, rejects=REJECTS), model(("flatten", "linear classes"), gain=9.0, rejects=REJECTS)
    ),
}


def outputs(recognizer: Recognizer, images: Tensor) -> dict[str, Tensor]:
    module = Answering(recognizer)
    with torch.inference_mode():
        return dict(zip(module.outputs, module(images), strict=True))


@pytest.mark.parametrize("name", MODELS)
def test_it_answers_as_the_recogniser_does(name: str, images: Tensor) -> None:
    recognizer = MODELS[name]()
    found = outputs(recognizer, images)
    answers = recognizer.answer(images)
    names = recognizer.classes
    wanted = torch.tensor([answer.probabilities for answer in answers])
    torch.testing.assert_close(found["probabilities"], wanted, atol=1e-5, rtol=0)
    assert [names[index] for index in found["label"].tolist()] == [answer.label for answer in answers]
    torch.testing.assert_close(
        found["confidence"], torch.tensor([answer.confidence for answer in answers]), atol=1e-5, rtol=0
    )
    assert found["accepted"].tolist() == [answer.accepted for answer in answers]
    assert [spelled(recognizer, found, index) for index in range(len(images))] == [answer.reason for answer in answers]
    if recognizer.rejects:
        torch.testing.assert_close(found["kinds"], recognizer.judge(images).kinds, atol=1e-5, rtol=0)
    else:
        assert "kinds" not in found


def spelled(recognizer: Recognizer, found: dict[str, Tensor], index: int) -> str | None:
    """The reason in words, as the page of exports says."""
    order = found["probabilities"][index].argsort(descending=True, stable=True).tolist()
    unsure = f"unsure between {recognizer.classes[order[0]]} and {recognizer.classes[order[1]]}"
    return [None, unsure, *recognizer.rejects][int(found["reason"][index])]


def test_the_models_tried_do_accept_some_and_not_others(images: Tensor) -> None:
    reasons = outputs(MODELS["wary, choosy, tempered"](), images)["reason"]
    assert {0, 1} < set(reasons.tolist()) <= {0, 1, 2, 3}
    assert set(outputs(MODELS["yes or no, tempered"](), images)["label"].tolist()) == {0, 1}


def test_what_is_nan_is_not_accepted(images: Tensor) -> None:
    recognizer = model(("flatten", "linear classes"))
    with torch.no_grad():
        next(recognizer.network.parameters())[3, 5] = math.nan
    found = outputs(recognizer, images)
    assert bool(found["confidence"].isnan().all())
    assert not found["accepted"].any()
    assert (found["reason"] == 1).all()


@pytest.mark.parametrize("threshold", [0.0, 0.1, 0.5, 0.9873214560871, 1.0])
def test_a_threshold_in_float32_parts_the_same_values(threshold: float) -> None:
    near = np.float32(threshold)
    for value in (np.nextafter(near, np.float32(-1)), near, np.nextafter(near, np.float32(2))):
        assert (value >= np.float32(_at_least(threshold))) == (float(value) >= threshold)


def test_every_kind_of_layer_is_among_them() -> None:
    from inkwise.models.kinds import KINDS

    assert {line.split()[0] for line in (*UPRIGHT, *PLAIN)} == set(KINDS)
