from base64 import b64decode

import httpx
import numpy as np
import pytest
import torch
from tests.studio_server import Served

from inkwise.data.image import load_grey
from inkwise.data.normaliser import normalise
from inkwise.evaluation.strain import RANGES, Strain, strain

TINY = {"model": "run:tiny"}


@pytest.fixture(scope="module")
def seven() -> bytes:
    """A seven of strokes on paper."""
    paper = np.full((256, 256), 255, np.uint8)
    paper[40:60, 70:180] = 0
    paper[40:220, 160:180] = 0
    return b"P5 256 256 255\n" + paper.tobytes()


def test_the_answer_is_that_of_the_strained_image(client: httpx.Client, served: Served, seven: bytes) -> None:
    amounts = {"rotation": 20, "right": 1.5, "scale": 0.8, "thickness": 1, "noise": 0.1}
    told = client.post("/api/stress/answer", params={**TINY, **amounts}, content=seven).json()
    image = torch.from_numpy(normalise(load_grey(seven)).image)[None]
    expected = strain(image, [Strain(20.0, 1.5, 0.0, 0.8, 1.0, 0.1)])
    assert b64decode(told["pixels"]) == expected.numpy().tobytes()
    said = served.library.get("run:tiny").answer(expected)[0]
    assert told["label"] == said.label
    assert [each["probability"] for each in told["classes"]] == pytest.approx(said.probabilities, abs=1e-6)


@pytest.mark.parametrize("along", RANGES)
def test_a_curve_goes_through_the_whole_range(client: httpx.Client, served: Served, seven: bytes, along: str) -> None:
    told = client.post("/api/stress/answer", params={**TINY, "along": along}, content=seven).json()
    curve = told["curve"]
    assert (curve["amounts"][0], curve["amounts"][-1]) == RANGES[along]
    assert curve["at"] == getattr(Strain(), along)
    image = torch.from_numpy(normalise(load_grey(seven)).image)[None]
    last = served.library.get("run:tiny").answer(strain(image, [Strain(**{along: curve["amounts"][-1]})]))[0]
    first = int(told["before"]["label"])
    assert curve["same"][-1] == pytest.approx(last.probabilities[first], abs=1e-6)
    assert curve["kept"] == sum(same > other for same, other in zip(curve["same"], curve["other"], strict=True))
    others = [value for index, value in enumerate(last.probabilities) if index != first]
    assert curve["other"][-1] == pytest.approx(max(others), abs=1e-6)


def test_at_rest_the_answer_is_that_of_the_view_draw(client: httpx.Client, seven: bytes) -> None:
    told = client.post("/api/stress/answer", params=TINY, content=seven).json()
    drawn = client.post("/api/draw/answer", params=TINY, content=seven).json()
    assert (told["label"], told["said"], told["reason"]) == (drawn["label"], drawn["said"], drawn["reason"])


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"scale": 9}, "The scale is 9; 0.3 to 2 is accepted."),
        ({"along": "colour"}, "There is no strain 'colour'"),
    ],
)
def test_what_cannot_be_is_told(client: httpx.Client, seven: bytes, query: dict[str, object], sentence: str) -> None:
    params = {**TINY, **{name: str(value) for name, value in query.items()}}
    told = client.post("/api/stress/answer", params=params, content=seven).json()
    assert sentence in told["error"]["message"]


def test_the_ranges_are_those_of_the_library(client: httpx.Client) -> None:
    told = client.get("/api/stress/ranges").json()["ranges"]
    assert {each["name"]: (each["low"], each["high"]) for each in told} == RANGES
    assert all(each["rest"] == getattr(Strain(), each["name"]) for each in told)
