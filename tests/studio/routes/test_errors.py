from base64 import b64decode
from typing import Any

import httpx
import numpy as np
import pytest
import torch
from tests.studio_server import Served

from inkwise.data.load import load
from inkwise.evaluation.gallery import gallery
from inkwise.evaluation.phrases import chance
from inkwise.experiment.assessment import assess
from inkwise.explain.saliency import gradient, occlusion
from inkwise.studio.appraisals import split_of

DIGITS = {"model": "run:tiny", "dataset": "uci-digits"}


def ask(client: httpx.Client, what: str, **query: object) -> Any:
    given = {**DIGITS, **{name: str(value) for name, value in query.items()}}
    return client.get(f"/api/errors/{what}", params=given).json()


def test_the_overview_is_the_evaluation_of_the_command_line(client: httpx.Client, served: Served) -> None:
    told = ask(client, "overview")
    expected = assess(served.library.get("run:tiny"), "uci-digits", "test").to_dict()
    assert {name: told[name] for name in expected} == expected
    assert told["headline"].startswith("Reads ")


def test_the_gallery_has_the_librarys_order_and_names_both_probabilities(client: httpx.Client, served: Served) -> None:
    recognizer, split = served.library.get("run:tiny"), load("uci-digits").split("test")
    probabilities = recognizer.probabilities(split.images)
    predicted = recognizer.decide(probabilities)
    for by in ("loss", "confidence", "margin"):
        told = ask(client, "gallery", by=by, count=7)
        expected = gallery(probabilities, split.labels, predicted, by=by)
        assert told["of"] == len(expected)
        assert [each["index"] for each in told["images"]] == [each.index for each in expected[:7]]
        first = told["images"][0]
        assert (first["said"], first["other_said"]) == (
            chance(expected[0].predicted_probability),
            chance(expected[0].other_probability),
        )
        assert b64decode(first["pixels"]) == split.images[expected[0].index].numpy().tobytes()


def test_a_cell_of_the_matrix_has_as_many_images_as_it_says(client: httpx.Client) -> None:
    confusion = np.array(ask(client, "overview")["confusion"])
    for label, answered in np.argwhere(confusion > 0)[:5]:
        told = ask(client, "gallery", label=label, answered=answered, right="true")
        assert told["of"] == confusion[label, answered]


def test_an_image_is_answered_as_the_library_does(client: httpx.Client, served: Served) -> None:
    split = load("uci-digits").split("test")
    told = ask(client, "image", index=17)
    expected = served.library.get("run:tiny").answer(split.images[17:18])[0]
    assert (told["label"], told["said"]) == (expected.label, chance(expected.confidence))
    assert [each["probability"] for each in told["classes"]] == list(expected.probabilities)
    assert told["truth"] == str(int(split.labels[17]))


@pytest.mark.parametrize(("kind", "function"), [("gradient", gradient), ("occlusion", occlusion)])
def test_saliency_is_that_of_the_explain_room(client: httpx.Client, served: Served, kind: str, function: Any) -> None:
    recognizer, image = served.library.get("run:tiny"), load("uci-digits").split("test").images[17]
    told = ask(client, "saliency", index=17, kind=kind)
    expected = function(recognizer.network, image, told["target"])
    values = np.frombuffer(b64decode(told["values"]), "<f4").reshape(28, 28)
    assert torch.equal(torch.from_numpy(values.copy()), expected)
    assert told["target"] == int(ask(client, "image", index=17)["label"])


def test_a_network_without_maps_says_why_there_is_no_grad_cam(client: httpx.Client) -> None:
    assert "so use gradient or occlusion" in ask(client, "saliency", index=17, kind="grad-cam")["error"]["message"]
    assert "There is no saliency 'guess'" in ask(client, "saliency", index=17, kind="guess")["error"]["message"]


def test_the_nearest_images_are_of_what_the_model_was_trained_on(client: httpx.Client, served: Served) -> None:
    trained, _ = split_of(served.library.get("run:tiny"), "uci-digits", "train")
    told = ask(client, "nearest", index=17)["images"]
    assert [each["distance"] for each in told] == sorted(each["distance"] for each in told)
    assert len(told) == 12
    known = {image.numpy().tobytes() for image in trained.images}
    assert all(b64decode(each["pixels"]) in known for each in told)


@pytest.mark.parametrize(
    ("what", "query", "sentence"),
    [
        ("image", {"index": 500}, "has the images 0 to 499; there is no 500."),
        ("overview", {"dataset": "npz:/etc/passwd"}, "There is no dataset 'npz:/etc/passwd'."),
        ("overview", {"split": "none"}, "There is no split 'none'"),
        ("gallery", {"by": "beauty"}, "There is no order 'beauty'"),
    ],
)
def test_what_is_not_there_is_told(client: httpx.Client, what: str, query: dict[str, object], sentence: str) -> None:
    assert sentence in ask(client, what, **query)["error"]["message"]


def test_the_datasets_are_listed(client: httpx.Client) -> None:
    names = [each["name"] for each in client.get("/api/errors/datasets").json()["datasets"]]
    assert {"mnist", "uci-digits"} <= set(names)
