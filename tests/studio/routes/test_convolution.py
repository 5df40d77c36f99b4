import json
from typing import Any, Literal

import httpx
import numpy as np
import pytest
import torch
from tests.studio_server import Served
from torch.nn import functional

from inkwise.explain.kernels import kernels_of

ROWS = "1 2 0 1 3; 0 1 2 1 0; 2 0 1 0 2; 1 3 0 2 1; 0 1 1 0 2"
IMAGE = torch.tensor([[1, 2, 0, 1, 3], [0, 1, 2, 1, 0], [2, 0, 1, 0, 2], [1, 3, 0, 2, 1], [0, 1, 1, 0, 2.0]])
KERNEL = torch.tensor([[1.0, 2.0], [0.0, -1.0]])
TYPED: dict[str, Any] = {"source": "numbers", "image": ROWS, "kernel": "1 2; 0 -1"}


def line(client: httpx.Client, **query: Any) -> dict[str, Any]:
    told: dict[str, Any] = client.get("/api/convolution/line", params=query).json()
    return told


def plane(client: httpx.Client, path: str = "plane", **query: Any) -> dict[str, Any]:
    picture = query.pop("picture", b"")
    told: dict[str, Any] = client.post(f"/api/convolution/{path}", params=query, content=picture).json()
    return told


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
def test_signals_have_numpys_numbers_and_every_step_adds_up(
    client: httpx.Client, mode: Literal["full", "same", "valid"]
) -> None:
    x, h = np.array([1.0, 2.0, -1.0, 0.5, 3.0]), np.array([0.5, 1.0, -2.0])
    words = {"x": " ".join(map(str, x)), "h": " ".join(map(str, h)), "mode": mode}
    for operation, expected in (("convolution", np.convolve(x, h, mode)), ("correlation", np.correlate(x, h, mode))):
        told = line(client, operation=operation, **words)
        assert np.allclose(told["result"], expected)
        assert [step["total"] for step in told["steps"]] == pytest.approx(expected)
        for step in told["steps"]:
            assert sum(step["products"]) == pytest.approx(step["total"])
            assert step["products"] == pytest.approx(np.multiply(step["patch"], told["lies"]))


def test_each_value_stands_at_its_time_or_lag(client: httpx.Client) -> None:
    def indices(operation: str) -> list[int]:
        return [step["index"] for step in line(client, x="1 2 3", h="1 1", operation=operation, mode="full")["steps"]]

    assert indices("convolution") == [0, 1, 2, 3]  # times
    assert indices("correlation") == [-1, 0, 1, 2]  # lags


def test_an_auto_correlation_is_symmetric_with_the_energy_in_its_middle(client: httpx.Client) -> None:
    told = line(client, x="1 2 -3", operation="auto", mode="full")
    assert told["result"] == [-3, -4, 14, -4, -3]
    assert told["steps"][2]["index"] == 0


def test_the_second_signal_may_be_a_kernels_name(client: httpx.Client) -> None:
    assert line(client, x="1 2 4", h="difference", mode="valid")["kernel"]
    assert "for images" in line(client, x="1 2 4", h="blur")["error"]["message"]


@pytest.mark.parametrize("operation", ["correlation", "convolution", "transposed"])
@pytest.mark.parametrize(("stride", "dilation", "padding"), [(1, 1, 0), (2, 1, 1), (1, 2, 1)])
def test_images_have_torchs_numbers(
    client: httpx.Client, operation: str, stride: int, dilation: int, padding: int
) -> None:
    told = plane(client, operation=operation, stride=stride, dilation=dilation, padding=padding, **TYPED)
    image, kernel = IMAGE[None, None], KERNEL[None, None]
    if operation == "transposed":
        expected = functional.conv_transpose2d(image, kernel, stride=stride, dilation=dilation, padding=padding)
    else:
        lies = kernel.flip(2, 3) if operation == "convolution" else kernel
        expected = functional.conv2d(image, lies, stride=stride, dilation=dilation, padding=padding)
    assert torch.equal(torch.tensor(told["result"], dtype=torch.float32), expected[0, 0])
    assert [int(formula.rpartition("= ")[2]) for formula in told["formula"]] == list(expected.shape[2:])


def test_a_place_has_its_window_products_and_sum(client: httpx.Client) -> None:
    told = plane(client, "place", place="1,2", **TYPED)
    assert (told["patch"], told["products"], told["total"]) == ([[2, 1], [1, 0]], [[2, 2], [0, 0]], 4)
    spread = plane(client, "place", place="1,2", operation="transposed", stride=2, **TYPED)
    assert (spread["value"], spread["origin"], spread["products"]) == (2, [2, 4], [[2, 4], [0, -2]])
    assert "There is no output value 9,9" in plane(client, "place", place="9,9", **TYPED)["error"]["message"]
    assert "The place is 'x'" in plane(client, "place", place="x", **TYPED)["error"]["message"]


@pytest.mark.parametrize("operation", ["correlation", "convolution", "transposed"])
def test_the_matrix_times_the_image_is_the_result(client: httpx.Client, operation: str) -> None:
    told = plane(client, "plane/matrix", operation=operation, stride=2, padding=1, padding_mode="reflect", **TYPED)
    assert np.allclose(np.array(told["rows"]) @ np.array(told["input"]), told["result"])
    assert told["difference"] == 0
    assert told["shape"] == [len(told["result"]), 25]


def test_a_matrix_that_is_too_large_is_told_by_its_size(client: httpx.Client) -> None:
    told = plane(client, "plane/matrix", kernel="blur")
    assert (told["shape"], told["rows"]) == ([676, 784], None)
    small = client.get("/api/convolution/line/matrix", params={"x": "1 2 3", "h": "1 1"}).json()
    assert small["rows"] == [[1, 1, 0], [0, 1, 1]]


def test_a_trained_kernel_is_the_layers(client: httpx.Client, served: Served) -> None:
    model = {"model": "recipe:small-cnn"}
    layers = client.get("/api/convolution/layers", params=model).json()["layers"]
    assert [(each["name"], each["size"]) for each in layers][:2] == [("conv1", [3, 3]), ("conv2", [3, 3])]
    told = plane(client, kernel="conv2:3,1", **model)
    weights = kernels_of(served.library.get("recipe:small-cnn").network, "conv2").weights
    assert torch.equal(torch.tensor(told["kernel"], dtype=torch.float32), weights[3, 1])
    assert "it has the output channels 0 to" in plane(client, kernel="conv2:99,0", **model)["error"]["message"]


def test_a_picture_is_taken_as_ink(client: httpx.Client) -> None:
    paper = np.full((96, 192), 255, np.uint8)
    paper[:, 96:] = 0
    file = b"P5 192 96 255\n" + paper.tobytes()
    told = plane(client, picture=file, source="picture", kernel="identity")
    assert np.shape(told["input"]) == (24, 48)
    assert (told["input"][0][0], told["input"][0][-1]) == (0, 1)
    assert np.shape(plane(client, picture=file, kernel="identity")["input"]) == (28, 28)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"x": "1 2 a", "h": "1"}, "'a', value 3 of row 1 of the first signal, is no number"),
        ({"x": "1 2; 3 4", "h": "1"}, "The first signal has 2 rows; a signal is numbers without semicolons."),
        ({"x": " ".join("1" * 65), "h": "1"}, "The first signal has 65 values; at most 64 along an axis"),
        ({"x": "1 2", "h": "1", "mode": "sme"}, "There is no mode 'sme'"),
        ({"x": "1 2", "h": "1 2 3", "mode": "valid"}, "does not fit"),
        ({"x": "1 2", "h": "/etc/passwd"}, "There is no kernel '/etc/passwd'."),
    ],
)
def test_what_cannot_be_is_told_in_the_librarys_words(
    client: httpx.Client, query: dict[str, str], message: str
) -> None:
    assert message in line(client, **query)["error"]["message"]


def test_no_file_is_read_by_its_path(client: httpx.Client) -> None:
    told = plane(client, source="numbers", image="pyproject.toml")
    assert "'pyproject.toml', value 1 of row 1 of the image, is no number" in told["error"]["message"]
    assert "There is no kernel '../kernel.csv'." in plane(client, kernel="../kernel.csv")["error"]["message"]


def test_every_signal_and_kernel_that_can_be_chosen_can_be_convolved(client: httpx.Client) -> None:
    choices = client.get("/api/convolution/choices").json()
    for signal in choices["signals"]:
        assert "error" not in line(client, x=signal["text"], h="1 1", mode="full"), json.dumps(signal)
    for kernel in choices["kernels"]:
        told = (
            plane(client, kernel=kernel["name"])
            if len(kernel["size"]) == 2
            else line(client, x="1 2 3 4 5", h=kernel["name"])
        )
        assert np.shape(told["kernel"]) == tuple(kernel["size"])
