"""What people name to be convolved is found, or they are told what is wrong with it."""

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from inkwise.convolution.kernels import named_kernel
from inkwise.data.uci import read_uci_digits
from inkwise.errors import DataError, ImageError, InkwiseError, ModelError, UnknownName, UsageError
from inkwise.explain.demonstration import operand
from inkwise.explain.demonstration.operand import kernel_names, load_here, read_input, read_kernel
from inkwise.models.file import Card, write_model
from inkwise.models.network import Network, build
from inkwise.recipes.recipe import Recipe


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Network]:
    """A model file of two convolutions with seeded random weights."""
    torch.manual_seed(3)
    recipe = Recipe(
        name="tiny", dataset="uci-digits", network=("conv 2 3x3", "conv 4 3x3", "flatten", "linear classes")
    )
    network = build(recipe.network, classes=10)
    path = tmp_path_factory.mktemp("models") / "tiny.safetensors"
    card = Card(recipe=recipe.model_dump(mode="json"), classes=tuple("0123456789"))
    write_model(path, network.state_dict(), card)
    return path, network


def npy(array: np.ndarray[Any, Any]) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=True)
    return buffer.getvalue()


def test_typed_numbers_are_taken_as_they_are() -> None:
    assert read_input("-1 2; 3 4").values.tolist() == [[-1, 2], [3, 4]]
    assert read_kernel("-1 0 1").values.tolist() == [-1, 0, 1]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("rows.csv", b"1,2\n3,4\n"),
        ("rows.txt", b"\xef\xbb\xbf# heading\n1 2\n3 4"),
        ("rows", b"1 2\n3 4\n"),
        ("rows.npy", npy(np.array([[1, 2], [3, 4]], np.int16))),
        ("big-endian.npy", npy(np.array([[1, 2], [3, 4]], ">i4"))),
        ("wide.npy", npy(np.array([[1, 2], [3, 4]], np.uint16))),
        ("floats.npy", npy(np.array([[1, 2], [3, 4]], np.float32))),
    ],
)
def test_a_file_of_numbers_is_known_by_its_content(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    for read in (read_input, read_kernel):
        array = read(str(tmp_path / name))
        assert array.values.tolist() == [[1, 2], [3, 4]]
        assert array.name == str(tmp_path / name)
    assert read_input("-", content).values.tolist() == [[1, 2], [3, 4]]


def test_the_dtype_of_whole_numbers_in_a_file_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a.npy").write_bytes(npy(np.array([100], np.int8)))
    assert read_input(str(tmp_path / "a.npy")).values.dtype == torch.int8


def test_a_picture_is_grey_from_0_to_1_and_light(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0, 51], [102, 255]], np.uint8)).save(tmp_path / "a.png")
    picture = read_input(str(tmp_path / "a.png"))
    assert picture.values.tolist() == [[0, 0.2], [0.4, 1]]
    assert picture.light
    assert picture.name.endswith("a.png, grey from 0 (black) to 1 (white)")


def test_an_image_of_a_dataset_is_ink_from_0_to_1() -> None:
    digit, test = read_input("uci-digits:3"), read_uci_digits().split("test")
    assert torch.equal(digit.values, test.images[3, 0].double() / 255)
    assert digit.name == f"test image 3 of uci-digits, labelled {int(test.labels[3])}; ink from 0 to 1"
    assert not digit.light


def test_of_a_picture_dark_can_be_ink(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0, 51], [102, 255]], np.uint8)).save(tmp_path / "a.png")
    picture = read_input(str(tmp_path / "a.png"), ink=True)
    assert picture.values.tolist() == [[1, 0.8], [0.6, 0]]
    assert not picture.light
    assert picture.name.endswith("a.png, ink from 0 (white) to 1 (black)")


@pytest.mark.parametrize(("text", "what"), [("1 2", "these are numbers"), ("uci-digits:3", "a digit is ink already")])
def test_only_a_picture_can_be_turned_into_ink(text: str, what: str) -> None:
    with pytest.raises(UsageError, match=f"--ink is for pictures, whose dark becomes 1, and {what}; leave it out."):
        read_input(text, ink=True)


def test_a_dataset_that_is_not_here_is_told_with_what_can_be_done(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("INKWISE_DATA", str(tmp_path / "data"))
    for read in (load_here, lambda name: read_input(f"{name}:3")):
        with pytest.raises(DataError) as caught:
            read("mnist")
        assert str(caught.value) == (
            f"mnist is not on this machine (looked in {tmp_path}/data/mnist, {tmp_path}/inkwise/mnist); run `inkwise "
            "data fetch mnist`, put its files into $INKWISE_DATA/mnist, or take uci-digits:3, which comes with Inkwise."
        )
    assert load_here("uci-digits").classes == tuple("0123456789")


def test_a_named_kernel_says_what_it_does() -> None:
    sobel, blur = read_kernel("Sobel"), read_kernel("blur")
    assert torch.equal(sobel.values, named_kernel("sobel-x", dtype=torch.float64)[0, 0])
    assert sobel.name == "sobel-x (3 x 3), when correlated: how fast it grows brighter to the right (upright edges)"
    assert (sobel.correlated, blur.correlated) == (True, False)


@pytest.mark.parametrize(
    ("which", "place"), [("conv1:1,0", (0, 1, 0)), ("conv1:1", (0, 1, 0)), ("conv2:3,1", (1, 3, 1))]
)
def test_a_trained_models_kernel_is_found(model: tuple[Path, Network], which: str, place: tuple[int, int, int]) -> None:
    path, network = model
    kernel = read_kernel(f"{path}:{which}")
    layer, out, into = place
    weights = [module.weight for module in network.modules() if isinstance(module, torch.nn.Conv2d)]
    assert torch.equal(kernel.values, weights[layer][out, into].double())
    assert kernel.correlated
    assert kernel.trained
    assert kernel.deep == ("conv2" if layer else "")
    assert kernel.name == f"kernel {out} of conv{layer + 1} in {path}, for its input channel {into}"


@pytest.mark.parametrize(
    ("which", "message"),
    [
        ("", "has the convolutions conv1 (2 x 1 kernels of 3 x 3), conv2 (4 x 2 kernels of 3 x 3); name a kernel as "),
        (":conv3:0,0", "has no convolution 'conv3'; it has conv1 (2 x 1 kernels of 3 x 3), conv2 (4 x 2"),
        (":conv2", "No kernel of conv2 of"),
        (":conv2:4,0", "has no kernel '4,0'; name one as"),
        (":conv2:0", "OUT from 0 to 3 and IN from 0 to 1."),
        (":conv2:0,-1", "has no kernel '0,-1'"),
    ],
    ids=["no layer", "no such layer", "no kernel", "out", "in", "negative"],
)
def test_a_kernel_that_the_model_has_not_is_told_with_those_it_has(
    model: tuple[Path, Network], which: str, message: str
) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        read_kernel(f"{model[0]}{which}")


def test_a_model_without_convolutions_has_no_kernels(tmp_path: Path) -> None:
    recipe = Recipe(name="dense", dataset="uci-digits", network=("flatten", "linear classes"))
    network = build(recipe.network, classes=10)
    path = tmp_path / "dense.safetensors"
    write_model(path, network.state_dict(), Card(recipe=recipe.model_dump(mode="json"), classes=tuple("0123456789")))
    with pytest.raises(ModelError, match="has no convolution, so it has no kernels"):
        read_kernel(f"{path}:conv1:0,0")


@pytest.mark.parametrize(
    ("name", "content", "error", "message"),
    [
        ("e.txt", b" \n", DataError, "e.txt is empty; numbers, a .npy array or a picture is accepted."),
        ("w.txt", b"hello", DataError, "'hello', value 1 of row 1 of "),
        ("r.csv", b"1,2\n3", DataError, "has 1 value and row 1 has 2"),
        ("n.npy", npy(np.array([1.0, np.nan])), DataError, "n.npy has values that are nan or infinite"),
        ("o.npy", npy(np.array([{}])), DataError, "o.npy is damaged or holds no numbers (Object arrays"),
        ("s.npy", npy(np.array(["a"])), DataError, "s.npy holds <U1 values of shape (1,); one or two axes of"),
        ("c.npy", npy(np.ones((2, 2, 2))), DataError, "c.npy holds float64 values of shape (2, 2, 2)"),
        ("z.npy", npy(np.ones((0, 2))), DataError, "z.npy holds float64 values of shape (0, 2)"),
        ("t.npy", npy(np.ones(9))[:-4], DataError, "t.npy is damaged"),
        ("b.bin", b"\xff\0\x01", ImageError, "WebP and PNM files are accepted, and .npy arrays and numbers as text."),
    ],
)
def test_a_file_of_something_else_is_told(
    tmp_path: Path, name: str, content: bytes, error: type[InkwiseError], message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(error, match=re.escape(message)) as caught:
        read_input(str(tmp_path / name))
    assert name in str(caught.value)


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("", UsageError, "The input is empty"),
        ("one two", UsageError, "'one', value 1 of row 1 of the input, is no number"),
        ("foo", UsageError, "The input 'foo' is neither numbers nor a file; give numbers ('1 2 3', or rows"),
        ("f" * 5000, UsageError, "is neither numbers nor a file"),
        ("no.png", DataError, "There is no file no.png; check the path."),
        (".", DataError, ". is a folder; name a file in it."),
        (
            "uci-digits:500",
            UsageError,
            "uci-digits:500 is no image; uci-digits's test split has 500, from uci-digits:0",
        ),
        ("uci-digits:x", UsageError, "uci-digits:x is no image"),
        ("-", DataError, "Standard input is empty"),
    ],
)
def test_an_input_that_is_nothing_is_told(text: str, error: type[InkwiseError], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        read_input(text)


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("", UsageError, "The kernel is empty"),
        ("1 x", UsageError, "'x', value 2 of row 1 of the kernel, is no number"),
        ("a, b", UsageError, "'a', value 1 of row 1 of the kernel, is no number"),
        ("sobell", UnknownName, "There is no kernel 'sobell'. Did you mean 'sobel'"),
        ("nope:conv1:0,0", UnknownName, "There is no kernel or model 'nope'."),
        ("no/model:conv1:0,0", ModelError, "There is no model file or run folder no/model"),
        ("no.npy", DataError, "There is no file no.npy"),
    ],
)
def test_a_kernel_that_is_nothing_is_told(text: str, error: type[InkwiseError], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        read_kernel(text)


def test_too_many_values_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operand, "MOST", 3)
    assert read_input("1 2 3").values.numel() == 3
    with pytest.raises(UsageError, match="The input has 4 values; at most 3 are accepted"):
        read_input("1 2 3 4")


def test_kernels_are_listed_by_their_axes() -> None:
    assert "sobel-x" in kernel_names(2)
    assert "sobel-x" not in kernel_names(1)
    assert "difference" in kernel_names(1)
