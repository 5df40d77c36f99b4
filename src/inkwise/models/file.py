"""The model file: weights as safetensors, and a JSON card in its header that says everything else.

One file is the whole model. The card carries the recipe as plain values, so that the network can be built again on
another machine; this file does not know what a recipe means. An ensemble is one file too: its card holds those
of its members, and weight "members.N.NAME" is weight NAME of member N. Nothing is ever unpickled.
Format: https://github.com/huggingface/safetensors, metadata key "inkwise".
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal

import torch
from pydantic import BaseModel, ConfigDict, Field, model_validator
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from inkwise import files
from inkwise.errors import ModelError

Positive = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Temperature = Annotated[float, Field(gt=0, allow_inf_nan=False)]

FORMAT = 2  # the newest that is read
_KEY = "inkwise"
_LONGEST_HEADER = 100_000_000  # bytes; safetensors refuses more


class Card(BaseModel):
    """What a model is, where it comes from and how well it does."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1, 2] = 1  # 1: a network; 2: an ensemble, which has members
    # Of a model that is shipped: its name, what it is for, what it cannot do, and the command that made it.
    name: str = ""
    purpose: str = ""
    limits: tuple[str, ...] = ()
    made_by: str = ""
    recipe: dict[str, Any]  # resolved, as plain values; it has the network's layers; of an ensemble, the first member's
    classes: Annotated[
        tuple[str, ...], Field(min_length=1)
    ]  # what the outputs mean; for a binary recipe (others, positive)
    input_shape: tuple[Positive, Positive, Positive] = (1, 28, 28)  # channels, height, width
    normaliser: str = "mnist-form"  # how images are brought to the network's input
    rejects: tuple[str, ...] = ()  # what the outputs behind the classes mean: why a picture is none of them
    threshold: Share | None = None  # binary: the probability from which the answer is yes
    # What outputs are divided by before they become probabilities; none where no image was held out to fit it on.
    calibration: dict[Literal["temperature"], Temperature] | None = None
    rejection: dict[str, Share] | None = None  # see evaluation.rejection; none where no image was held out to choose it
    metrics: dict[str, dict[str, Any]] = {}  # by "dataset/split"
    data: dict[str, Any] = {}  # dataset's name and SHA-256 of its files, decompressed
    versions: dict[str, str] = {}
    licence: str = ""  # of the training data
    weights: Annotated[str, Field(pattern="^([0-9a-f]{64})?$")] = ""  # their SHA-256, see `weights_hash`
    members: tuple["Card", ...] = ()  # of an ensemble: each member's own card

    @model_validator(mode="after")
    def _members_agree(self) -> "Card":
        if self.format != (2 if self.members else 1) or len(self.members) == 1:
            raise ValueError("format 2 is that of a card with two members or more")
        for member in self.members:
            if member.members or _question(member) != _question(self):
                raise ValueError("a member is no ensemble and has the same classes, rejects and input shape")
        return self


def write_model(path: Path, weights: Mapping[str, Tensor], card: Card) -> None:
    """Write a model file in one step, with the hash of its weights; RunError where the disk does not allow it."""
    tensors = {name: value.detach().cpu().contiguous().clone() for name, value in weights.items()}
    whole = card.model_copy(update={"weights": weights_hash(tensors)})
    text = whole.model_dump_json(exclude=None if card.members else {"members"})
    files.write(path, save(tensors, metadata={_KEY: text}))


def weights_hash(weights: Mapping[str, Tensor]) -> str:
    """Return a SHA-256 of names, types, shapes and bytes of the weights, in the order of their names."""
    digest = sha256()
    for name in sorted(weights):
        value = weights[name].detach().cpu().contiguous()
        digest.update(f"{name} {value.dtype} {tuple(value.shape)}\n".encode())
        digest.update(value.reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def read_model(path: Path) -> tuple[dict[str, Tensor], Card]:
    """Read weights and card of a model file.

    Raises:
        ModelError: The file is missing, truncated, not a model, or from a future version, or its weights are not
            those that were written.
    """
    try:
        if not path.is_file():
            raise ModelError(f"There is no model file {path}; give a .safetensors file that `inkwise train` wrote.")
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            card = _card(path, metadata.get(_KEY))
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a mapping)
    except SafetensorError as error:
        raise ModelError(_not_a_model(path)) from error
    except OSError as error:
        raise ModelError(f"Cannot read the model file {path}: {error.strerror or error}.") from error
    if card.weights and weights_hash(weights) != card.weights:  # files from before it was kept have none
        raise ModelError(
            f"{path} is damaged: the SHA-256 of its weights is not the one in its card; copy or train the model again."
        )
    return weights, card


def _question(card: Card) -> tuple[object, ...]:
    return card.classes, card.rejects, card.input_shape


def _card(path: Path, text: str | None) -> Card:
    if text is None:
        raise ModelError(
            f"{path} holds weights but no Inkwise card, so its network is unknown; "
            "give a .safetensors file that `inkwise train` wrote."
        )
    try:
        values = json.loads(text)
        version = values.get("format") if isinstance(values, dict) else None
        if isinstance(version, int) and version > FORMAT:
            raise ModelError(
                f"{path} has model format {version}, this Inkwise reads up to {FORMAT}; install a newer Inkwise."
            )
        return Card.model_validate(values)
    except (ValueError, RecursionError) as error:  # not JSON, not a card, or brackets within brackets without end
        raise ModelError(f"{path} has a card that cannot be read; train the model again or copy it anew.") from error


def _not_a_model(path: Path) -> str:
    """Return what to say of a file that safetensors refuses, from its first nine bytes: header length and a brace."""
    with path.open("rb") as file:
        start, size = file.read(9), path.stat().st_size
    if size == 0:
        return f"{path} is empty; copy or train the model again."
    if start[8:] == b"{" and int.from_bytes(start[:8], "little") <= _LONGEST_HEADER:
        return f"{path} is truncated or damaged ({size:,} bytes); copy or train the model again."
    return (
        f"{path} is not a model file ({size:,} bytes); accepted is a .safetensors file that `inkwise train` wrote. "
        "Pickled weights (.pt, .pth) are never opened."
    )
