"""The model file: weights as safetensors, and a JSON card in its header that says everything else.

One file is the whole model. The card carries the recipe as plain values, so that the network can be built again on
another machine; this file does not know what a recipe means. Nothing is ever unpickled.
Format: https://github.com/huggingface/safetensors, metadata key "inkwise".
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from inkwise import files
from inkwise.errors import ModelError

FORMAT = 1
_KEY = "inkwise"


class Card(BaseModel):
    """What a model is, where it comes from and how well it does."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    recipe: dict[str, Any]  # resolved, as plain values; it has the network's layers
    classes: tuple[str, ...]  # what the outputs mean; for a binary recipe (others, positive)
    input_shape: tuple[int, int, int] = (1, 28, 28)  # channels, height, width
    normaliser: str = "mnist-form"  # how images are brought to the network's input
    threshold: float | None = None  # binary: the probability from which the answer is yes
    calibration: dict[str, float] | None = None  # none yet fitted: probabilities are the network's own
    rejection: dict[str, float] | None = None  # none yet fitted: nothing is abstained from
    metrics: dict[str, dict[str, Any]] = {}  # by "dataset/split"
    data: dict[str, Any] = {}  # dataset's name and SHA-256 of its files, decompressed
    versions: dict[str, str] = {}
    licence: str = ""  # of the training data


def write_model(path: Path, weights: Mapping[str, Tensor], card: Card) -> None:
    """Write a model file in one step; RunError where the disk does not allow it."""
    tensors = {name: value.detach().cpu().contiguous() for name, value in weights.items()}
    files.write(path, save(tensors, metadata={_KEY: card.model_dump_json()}))


def read_model(path: Path) -> tuple[dict[str, Tensor], Card]:
    """Read weights and card of a model file.

    Raises:
        ModelError: The file is missing, truncated, not a model, or from a future version.
    """
    if not path.is_file():
        raise ModelError(f"There is no model file {path}; give a .safetensors file that `inkwise train` wrote.")
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            card = _card(path, metadata.get(_KEY))
            return {name: file.get_tensor(name) for name in file.keys()}, card  # noqa: SIM118 (not a mapping)
    except SafetensorError as error:
        raise ModelError(_not_a_model(path, error)) from error
    except OSError as error:
        raise ModelError(f"Cannot read the model file {path}: {error.strerror or error}.") from error


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
    except (ValueError, ValidationError) as error:
        raise ModelError(f"{path} has a card that cannot be read; train the model again or fetch it anew.") from error


def _not_a_model(path: Path, error: SafetensorError) -> str:
    size = path.stat().st_size
    reason = str(error)
    truncated = any(sign in reason for sign in ("IncompleteBuffer", "InvalidOffset", "MetadataIncomplete", "TooSmall"))
    if truncated and size >= 8 and path.read_bytes()[8:9] == b"{":
        return f"{path} is truncated ({size:,} bytes); copy or fetch it again."
    return (
        f"{path} is not a model file ({size:,} bytes); accepted is a .safetensors file that `inkwise train` wrote. "
        "Pickled weights (.pt, .pth) are never opened."
    )
