import json
from base64 import b64decode
from typing import Any

import httpx
import numpy as np
import numpy.typing as npt
import pytest
import torch
from tests.networks import NETWORKS
from tests.studio_server import Served

from inkwise.data.image import load_grey
from inkwise.data.normaliser import normalise
from inkwise.explain.activations import record
from inkwise.explain.kernels import kernels_of
from inkwise.models.summary import summarise

SMALL = "recipe:small-cnn"


@pytest.fixture(scope="module")
def picture() -> bytes:
    """A three of strokes on paper."""
    paper = np.full((256, 256), 255, np.uint8)
    for top in (40, 120, 200):
        paper[top : top + 18, 80:170] = 0
    paper[40:218, 160:178] = 0
    return b"P5 256 256 255\n" + paper.tobytes()


def maps_of(answer: httpx.Response) -> tuple[dict[str, Any], dict[str, npt.NDArray[np.float32]]]:
    """The head, and every layer's values by name."""
    size = int.from_bytes(answer.content[:4], "little")
    head = json.loads(answer.content[4 : 4 + size])
    numbers = np.frombuffer(answer.content[4 + size :], "<f4")
    values = {
        each["name"]: numbers[each["start"] : each["start"] + int(np.prod(each["shape"]))].reshape(each["shape"])
        for each in head["layers"]
    }
    return head, values


@pytest.mark.parametrize("name", NETWORKS)
def test_the_graph_of_any_recipe_has_every_layer_with_its_shape_and_origin(
    client: httpx.Client, served: Served, name: str
) -> None:
    told = client.get("/api/network/graph", params={"model": f"recipe:{name}"}).json()
    recognizer = served.library.get(f"recipe:{name}")
    calls = record(recognizer.network, torch.zeros(1, 28, 28)).calls
    assert [each["name"] for each in told["layers"]] == [call.name for call in calls]
    assert [tuple(each["shape"]) for each in told["layers"]] == [call.shape for call in calls]
    assert [each["before"] for each in told["layers"]] == [call.before for call in calls]
    summary = summarise(recognizer.recipe.network, calls[-1].shape[0])
    assert (told["parameters"], told["multiply_adds"]) == (summary.parameters, summary.multiply_adds)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_maps_are_torchs_to_the_last_bit(client: httpx.Client, served: Served, picture: bytes, name: str) -> None:
    head, values = maps_of(client.post("/api/network/maps", params={"model": f"recipe:{name}"}, content=picture))
    image = torch.from_numpy(normalise(load_grey(picture)).image)
    found = record(served.library.get(f"recipe:{name}").network, image)
    assert np.array_equal(values["image"], found.image[0].numpy())
    for call in found.calls:
        if call.name in values:
            assert np.array_equal(values[call.name], call.output[0].numpy())
        else:  # left out, since it passes on what it was given
            assert torch.equal(call.output.flatten(), call.given.flatten())
    for each in head["layers"]:
        assert (each["low"], each["high"]) == (values[each["name"]].min(), values[each["name"]].max())
    assert len(head["answer"]["classes"]) in {2, 10}


@pytest.mark.parametrize("name", ["small-cnn", "batchnorm-cnn", "nano"])
def test_a_value_of_every_layer_adds_up_to_torchs(client: httpx.Client, picture: bytes, name: str) -> None:
    model = {"model": f"recipe:{name}"}
    for layer in client.get("/api/network/graph", params=model).json()["layers"]:
        at = [side // 2 for side in layer["shape"]]
        query = {**model, "layer": layer["name"], "at": ",".join(map(str, at))}
        told = client.post("/api/network/value", params=query, content=picture).json()
        assert told["at"] == at
        assert told["agrees"], told
        assert told["field"][layer["name"]]["box"][2:] == [1, 1]
        assert "image" in told["field"]


def test_what_a_value_sees_keeps_to_its_channel_through_a_pool(client: httpx.Client, picture: bytes) -> None:
    query = {"model": SMALL, "layer": "pool2", "at": "5,3,3"}
    field = client.post("/api/network/value", params=query, content=picture).json()["field"]
    assert field["relu2"] == {"box": [6, 6, 2, 2], "whole": [6, 6, 2, 2], "channels": [5]}
    assert field["pool1"]["channels"] == list(range(8))
    assert field["pool1"]["box"] == [5, 5, 4, 4]
    assert field["image"]["box"] == [9, 9, 10, 10]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"layer": "conv9", "at": "0,0,0"}, "There is no layer 'conv9'."),
        ({"layer": "conv1", "at": "0,0"}, "there is no position 0,0; give 3 numbers."),
        ({"layer": "conv1", "at": "0,x,0"}, "The position is '0,x,0'; whole numbers with commas between them"),
    ],
)
def test_a_place_that_is_not_there_is_told(client: httpx.Client, query: dict[str, str], message: str) -> None:
    told = client.post("/api/network/value", params={"model": SMALL, **query}, content=b"").json()
    assert message in told["error"]["message"]


@pytest.mark.parametrize("layer", ["conv1", "conv2", "linear1"])
def test_kernels_are_those_of_the_network(client: httpx.Client, served: Served, layer: str) -> None:
    told = client.get("/api/network/kernels", params={"model": SMALL, "layer": layer}).json()
    expected = kernels_of(served.library.get(SMALL).network, layer)
    weights = np.frombuffer(b64decode(told["weights"]), "<f4").reshape(told["shape"])
    assert np.array_equal(weights, expected.weights.numpy())
    assert expected.bias is not None
    assert told["bias"] == expected.bias.tolist()


def test_a_layer_without_kernels_says_which_have_some(client: httpx.Client) -> None:
    told = client.get("/api/network/kernels", params={"model": SMALL, "layer": "relu1"}).json()
    assert "those of conv1, conv2, linear1 can be shown" in told["error"]["message"]
