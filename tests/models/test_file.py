import json
import pickle
import struct
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor

from inkwise.errors import ModelError, RunError
from inkwise.models.file import FORMAT, Card, read_model, weights_hash, write_model

CARD = Card(
    recipe={"name": "tiny", "network": ["flatten", "linear classes"]},
    classes=("0", "één", "二"),
    rejects=("no digit",),
    threshold=0.25,
    calibration={"temperature": 1.25},
    rejection={"digit": 0.5, "confidence": 0.75},
    metrics={"uci-digits/test": {"errors": 3, "accuracy": 0.994, "interval": [0.98, 0.998]}},
    data={"name": "uci-digits", "hashes": {"a.npz": "00ff"}},
    versions={"inkwise": "0.1.0"},
    licence="CC BY 4.0",
)
WEIGHTS = {
    "conv1.weight": torch.tensor([[1.0, -0.0, 1e-45], [3.4e38, 1 / 3, -2.5]]),
    "norm1.num_batches_tracked": torch.tensor(7),
    "empty": torch.zeros(0, 4),
    "half": torch.tensor([0.1], dtype=torch.bfloat16),
}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a sound model file."""
    path = tmp_path_factory.mktemp("model") / "m.safetensors"
    write_model(path, WEIGHTS, CARD)
    return path.read_bytes()


def carded(text: str) -> bytes:
    """Return a file of weights whose card is `text`."""
    return save({"w": torch.zeros(2)}, metadata={"inkwise": text})


def changed(**values: object) -> bytes:
    """Return a file whose card is sound but for `values`."""
    return carded(json.dumps({**CARD.model_dump(mode="json"), **values}))


def hashed(card: Card) -> Card:
    """Return the card as it is written with `WEIGHTS`."""
    return card.model_copy(update={"weights": weights_hash(WEIGHTS)})


def refusal(folder: Path, content: bytes) -> str:
    """Return the message with which a file of `content` is refused."""
    path = folder / "m.safetensors"
    path.write_bytes(content)
    with pytest.raises(ModelError) as caught:
        read_model(path)
    message = str(caught.value)
    assert str(path) in message
    assert "\n" not in message
    return message


def bits(tensor: Tensor) -> bytes:
    return tensor.contiguous().flatten().view(torch.uint8).numpy().tobytes() if tensor.numel() else b""


def test_weights_come_back_bit_for_bit(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    write_model(path, WEIGHTS, CARD)
    weights, _ = read_model(path)
    assert weights.keys() == WEIGHTS.keys()
    for name, value in WEIGHTS.items():
        assert weights[name].dtype == value.dtype
        assert weights[name].shape == value.shape
        assert bits(weights[name].reshape(-1)) == bits(value.reshape(-1))


def test_the_card_comes_back_whole(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    write_model(path, WEIGHTS, CARD)
    assert read_model(path)[1] == hashed(CARD)


def test_a_card_of_members_comes_back_whole_and_one_without_says_nothing_of_them(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    write_model(path, WEIGHTS, CARD)
    with safe_open(path, framework="pt") as file:
        plain = json.loads(file.metadata()["inkwise"])
    assert plain["format"] == 1
    assert "members" not in plain
    several = Card(format=2, recipe=CARD.recipe, classes=CARD.classes, rejects=CARD.rejects, members=(CARD, CARD))
    write_model(path, WEIGHTS, several)
    assert read_model(path)[1] == hashed(several)


@pytest.mark.parametrize(
    "values",
    [
        {"format": 2},
        {"format": 1, "members": 2},
        {"format": 2, "members": 1},
        {"format": 2, "members": 2, "classes": ["a", "b"]},
        {"format": 2, "members": 2, "input_shape": [1, 8, 8]},
        {"format": 2, "members": 2, "rejects": []},
    ],
)
def test_a_card_whose_members_do_not_fit_cannot_be_read(tmp_path: Path, values: dict[str, Any]) -> None:
    member = CARD.model_dump(mode="json")
    content = changed(**values | {"members": [member] * values.get("members", 0)})
    assert "has a card that cannot be read" in refusal(tmp_path, content)


def test_members_of_members_cannot_be_read(tmp_path: Path) -> None:
    member = CARD.model_dump(mode="json")
    inner = {**member, "format": 2, "members": [member, member]}
    assert "has a card that cannot be read" in refusal(tmp_path, changed(format=2, members=[member, inner]))


def test_layouts_in_memory_do_not_matter(tmp_path: Path) -> None:
    """channels_last weights, transposed views and two names of one tensor are what training may hand over."""
    shared = torch.arange(24.0).reshape(2, 3, 2, 2).to(memory_format=torch.channels_last)
    path = tmp_path / "m.safetensors"
    write_model(path, {"a": shared, "b": shared.transpose(0, 1), "c": shared.detach().requires_grad_()}, CARD)
    weights, _ = read_model(path)
    assert torch.equal(weights["a"], shared)
    assert torch.equal(weights["b"], shared.transpose(0, 1))
    assert not weights["c"].requires_grad


def test_writing_replaces_the_file_whole_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    write_model(path, WEIGHTS, CARD)
    write_model(path, {"w": torch.ones(1)}, CARD)
    assert list(read_model(path)[0]) == ["w"]
    assert [file.name for file in tmp_path.iterdir()] == ["m.safetensors"]


def test_a_folder_that_is_missing_is_a_run_error(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="Cannot write"):
        write_model(tmp_path / "no" / "m.safetensors", WEIGHTS, CARD)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"There is no model file .*none\.safetensors; give a \.safetensors file"):
        read_model(tmp_path / "none.safetensors")


def test_a_name_that_no_file_can_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="Cannot read the model file"):
        read_model(tmp_path / ("x" * 300))


def test_an_empty_file_says_so(tmp_path: Path) -> None:
    assert "is empty; copy or train the model again." in refusal(tmp_path, b"")


@pytest.mark.parametrize("length", [1, 7, 8])
def test_a_stub_shorter_than_a_header_is_not_a_model(tmp_path: Path, model: bytes, length: int) -> None:
    assert f"is not a model file ({length} bytes)" in refusal(tmp_path, model[:length])


@pytest.mark.parametrize(
    "length",
    [lambda _: 9, lambda _: 20, lambda n: n // 3, lambda n: n // 2, lambda n: n - 100, lambda n: n - 1],
    ids=["9", "20", "third", "half", "all but 100", "all but one"],
)
def test_a_file_cut_short_is_called_truncated(tmp_path: Path, model: bytes, length: Callable[[int], int]) -> None:
    kept = length(len(model))
    assert f"is truncated or damaged ({kept:,} bytes); copy or train the model again." in refusal(
        tmp_path, model[:kept]
    )


def test_bytes_too_many_are_refused(tmp_path: Path, model: bytes) -> None:
    assert "is truncated or damaged" in refusal(tmp_path, model + b"x")


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        b"This is a text, and a rather long one at that.",
        b'{"json": "is not a model either, whatever it says"}',
        bytes(1000),
        b"\xff" * 1000,
    ],
    ids=["png", "text", "json", "zeros", "ones"],
)
def test_what_is_no_model_is_told_what_is_accepted(tmp_path: Path, content: bytes) -> None:
    message = refusal(tmp_path, content)
    assert "is not a model file" in message
    assert "accepted is a .safetensors file that `inkwise train` wrote" in message


class Trap:
    """An object whose unpickling leaves a mark."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Callable[[Path], None], tuple[Path]]:
        return Path.touch, (self.mark,)


@pytest.mark.parametrize("writer", [torch.save, lambda trap, path: path.write_bytes(pickle.dumps(trap))])
def test_a_pickle_is_refused_and_never_run(tmp_path: Path, writer: Callable[[object, Path], object]) -> None:
    mark, path = tmp_path / "mark", tmp_path / "weights.pt"
    writer(Trap(mark), path)
    with pytest.raises(ModelError, match=r"Pickled weights \(\.pt, \.pth\) are never opened"):
        read_model(path)
    assert not mark.exists()


def test_weights_of_another_program_have_no_card(tmp_path: Path) -> None:
    message = refusal(tmp_path, save({"w": torch.zeros(2)}, metadata={"format": "pt"}))
    assert "holds weights but no Inkwise card, so its network is unknown" in message
    assert "no Inkwise card" in refusal(tmp_path, save({"w": torch.zeros(2)}))


@pytest.mark.parametrize("version", [FORMAT + 1, 99])
def test_a_future_format_asks_for_a_newer_inkwise(tmp_path: Path, version: int) -> None:
    message = refusal(tmp_path, changed(format=version, unheard_of=True))
    assert f"has model format {version}, this Inkwise reads up to {FORMAT}; install a newer Inkwise." in message


@pytest.mark.parametrize(
    "content",
    [
        carded("{not json"),
        carded(""),
        carded("[]"),
        carded("null"),
        carded('"text"'),
        carded("{}"),
        carded("[" * 100_000),
        changed(format=0),
        changed(format="1.0"),
        changed(format=None),
        changed(unheard_of=1),
        changed(classes=[]),
        changed(classes="0123456789"),
        changed(classes=[0, 1]),
        changed(input_shape=[1, 28]),
        changed(input_shape=[1, 28, -28]),
        changed(threshold=1.5),
        changed(calibration={"temperature": 0}),
        changed(calibration={"warmth": 1}),
        changed(rejection={"digit": 1.5}),
        changed(weights="00ff"),
        changed(recipe=None),
        carded(CARD.model_dump_json().replace("0.25", "NaN")),
    ],
)
def test_a_card_that_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    assert "has a card that cannot be read; train the model again or copy it anew." in refusal(tmp_path, content)


def test_a_byte_flipped_in_any_weight_is_refused(tmp_path: Path, model: bytes) -> None:
    start = 8 + int.from_bytes(model[:8], "little")
    assert len(model) - start == sum(value.numel() * value.element_size() for value in WEIGHTS.values())
    for place in range(start, len(model)):
        content = bytearray(model)
        content[place] ^= 1
        assert refusal(tmp_path, bytes(content)).endswith(
            "is damaged: the SHA-256 of its weights is not the one in its card; copy or train the model again."
        )


def test_a_file_from_before_weights_were_hashed_is_read(tmp_path: Path) -> None:
    path = tmp_path / "old.safetensors"
    path.write_bytes(carded(Card(recipe={}, classes=("a",)).model_dump_json(exclude={"weights", "rejects"})))
    weights, card = read_model(path)
    assert torch.equal(weights["w"], torch.zeros(2))
    assert (card.weights, card.rejects) == ("", ())


def test_the_hash_of_weights_knows_name_type_shape_and_bits_but_no_order_or_layout() -> None:
    values = torch.arange(6.0).reshape(2, 3)
    first = weights_hash({"a": values, "b": values})
    assert first == weights_hash({"b": values, "a": values.t().contiguous().t()})
    others = [values.reshape(3, 2), values.double(), values + 1e-6 * torch.eye(2, 3), values.view(torch.int32)]
    assert (
        len({first, weights_hash({"a": values, "c": values}), *(weights_hash({"a": v, "b": v}) for v in others)}) == 6
    )


def test_a_header_of_impossible_length_is_refused(tmp_path: Path) -> None:
    assert "is not a model file" in refusal(tmp_path, struct.pack("<Q", 2**63) + b"{}")
    assert "is truncated or damaged" in refusal(tmp_path, struct.pack("<Q", 2**20) + b"{}")


HOSTILE = settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def read_or_refuse(folder: Path, content: bytes) -> None:
    path = folder / "hostile.safetensors"
    path.unlink(missing_ok=True)  # another file, so that nothing still mapped changes under its reader
    path.write_bytes(content)
    with suppress(ModelError):
        read_model(path)


@HOSTILE
@given(content=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes) -> None:
    read_or_refuse(tmp_path, content)


@HOSTILE
@given(data=st.data())
def test_any_damage_is_read_or_refused(tmp_path: Path, model: bytes, data: st.DataObject) -> None:
    content = bytearray(model)
    places = st.integers(0, len(model) - 1)
    for place in data.draw(st.lists(places, max_size=4), label="bytes"):
        content[place] ^= 1 << data.draw(st.integers(0, 7), label="bit")
    read_or_refuse(tmp_path, bytes(content[: data.draw(st.one_of(st.just(len(model)), places), label="length")]))


@HOSTILE
@given(text=st.text(max_size=50) | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_any_card_is_read_or_refused(tmp_path: Path, text: str) -> None:
    read_or_refuse(tmp_path, carded(text))


def test_weights_that_share_memory_are_written_each_for_itself(tmp_path: Path) -> None:
    tied = torch.arange(4.0)
    write_model(tmp_path / "tied.safetensors", {"a": tied, "b": tied}, CARD)
    weights, _ = read_model(tmp_path / "tied.safetensors")
    assert torch.equal(weights["a"], tied)
    assert torch.equal(weights["b"], tied)
