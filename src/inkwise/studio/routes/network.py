"""The view Network: a model's own graph, the maps of every layer for a drawing, one value's arithmetic, kernels."""

import json
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response

from inkwise.studio.given import Model, Picture
from inkwise.studio.recordings import Recording, Recordings
from inkwise.studio.view import View

if TYPE_CHECKING:
    from inkwise.explain.activations import Call

router = APIRouter(prefix="/api/network")
VIEW = View(
    "network",
    "Network",
    "See the maps of every layer, and how each value comes about",
    "M5 4h4v4H5z M5 16h4v4H5z M15 10h4v4h-4z M9 6.5l6 4.5 M9 17.5l6-4.5",
    router,
)


def _recordings(request: Request) -> Recordings:
    """The recordings of this server, made when first asked for."""
    state = request.app.state
    if not hasattr(state, "recordings"):
        state.recordings = Recordings()
    kept: Recordings = state.recordings
    return kept


Kept = Annotated[Recordings, Depends(_recordings)]
Member = Annotated[int, Query(ge=0)]


@router.get("/graph")
def graph(recognizer: Model, kept: Kept, member: Member = 0) -> JSONResponse:
    """Return the layers of a network in the order they run, and from which each takes its input."""
    from dataclasses import asdict

    from inkwise.explain.kernels import layers_with_kernels
    from inkwise.explain.layers import layer_rows, recipe_words
    from inkwise.models.summary import summarise, summarise_module

    recording = kept.get(recognizer, b"", member)
    network, activations, recipe = recording.network, recording.activations, recording.recognizer.recipe
    shape = tuple(activations.image.shape[1:])
    outputs = activations.outputs.shape[1]
    words = recipe_words(recipe.network, outputs, shape)
    lines = recipe.network
    summary = summarise_module(network, shape) if isinstance(lines, str) else summarise(lines, outputs, shape)
    known = {row.name: row for row in summary.rows}
    kernels = layers_with_kernels(network)
    layers = []
    for row, call in zip(layer_rows(activations, words), activations.calls, strict=True):
        about = known.get(row.name)
        layers.append(
            {
                **{name: value for name, value in asdict(row).items() if name not in {"largest", "at"}},
                "before": call.before,
                "same": _leaves_as_it_is(call),
                "line": about.line if about else row.kind,
                "parameters": about.parameters if about else 0,
                "multiply_adds": about.multiply_adds if about else 0,
                "formula": about.formula if about else "",
                "kernels": kernels.get(row.name),
            }
        )
    return JSONResponse(
        {
            "input": shape,
            "layers": layers,
            "classes": [*recognizer.classes, *recognizer.rejects],
            "members": max(1, len(recognizer.members)),
            "parameters": summary.parameters,
            "multiply_adds": summary.multiply_adds,
        }
    )


@router.post("/maps")
def maps(recognizer: Model, kept: Kept, picture: Picture, member: Member = 0) -> Response:
    """Return every value of every layer for a picture.

    The body is the length of a head (four bytes, little end first), the head as JSON, and float32 numbers: the image,
    then each layer of which the head tells a place.
    """
    import numpy as np

    recording = kept.get(recognizer, picture, member)
    parts: list[Any] = []
    told: list[dict[str, Any]] = []
    start = 0
    named = [("image", recording.activations.image), *((call.name, call.output) for call in _changing(recording))]
    for name, tensor in named:
        values = tensor[0].detach().float().cpu().numpy()
        low, high = float(values.min()), float(values.max())
        told.append({"name": name, "shape": values.shape, "start": start, "low": low, "high": high})
        parts.append(np.ascontiguousarray(values, "<f4").reshape(-1))
        start += values.size
    head = json.dumps({"layers": told, "answer": _answer(recording)}).encode()
    head += b" " * (-len(head) % 4)
    body = len(head).to_bytes(4, "little") + head + np.concatenate(parts).tobytes()
    return Response(body, media_type="application/octet-stream")


@router.post("/value")
def value(
    recognizer: Model,
    kept: Kept,
    picture: Picture,
    layer: str,
    at: str,
    member: Member = 0,
    folded: bool = False,
) -> JSONResponse:
    """Return how one value comes about, and what it sees in every layer before it.

    `at` is its position, as numbers with commas between them.
    """
    from inkwise.errors import UsageError
    from inkwise.explain.arithmetic.arithmetic import explain_value
    from inkwise.explain.field import Unseen, seen
    from inkwise.explain.figure.marks import marks
    from inkwise.studio.explained import to_page

    activations = kept.get(recognizer, picture, member).activations
    try:
        place = tuple(int(word) for word in at.split(","))
    except ValueError as error:
        raise UsageError(f"The position is {at!r}; whole numbers with commas between them are accepted.") from error
    explanation = explain_value(activations, layer, place, folded=folded)
    found, reason = marks(activations, layer, place)
    sight = found["image"].box if "image" in found else Unseen(reason)
    return JSONResponse(
        {
            **to_page(explanation),
            "field": {
                name: {**mark.box.to_dict(), "channels": None if mark.channels is None else sorted(mark.channels)}
                for name, mark in found.items()
            },
            "seen": seen(sight, tuple(activations.image.shape[2:])),
        }
    )


@router.get("/kernels")
def kernels(recognizer: Model, kept: Kept, layer: str, member: Member = 0) -> JSONResponse:
    """Return the kernels of a layer, float32 in base64, its bias, and the sum of each kernel."""
    from inkwise.explain.kernels import kernels_of
    from inkwise.studio.explained import packed

    found = kernels_of(kept.get(recognizer, b"", member).network, layer)
    weights = found.weights.double().numpy()
    return JSONResponse(
        {
            "layer": layer,
            "shape": weights.shape,
            "weights": packed(weights),
            "low": float(weights.min()),
            "high": float(weights.max()),
            "bias": None if found.bias is None else found.bias.tolist(),
        }
    )


def _changing(recording: Recording) -> "list[Call]":
    """The layers that make other values of what they get; the others have those of the layer before them."""
    return [call for call in recording.activations.calls if not _leaves_as_it_is(call)]


def _leaves_as_it_is(call: "Call") -> bool:
    from inkwise.explain.known import UNCHANGED, VIEWS

    return call.before is not None and isinstance(call.module, (*UNCHANGED, *VIEWS))


def _answer(recording: Recording) -> dict[str, Any]:
    """What the whole model says of the picture, in a line."""
    from inkwise.evaluation.phrases import chance

    said = recording.recognizer.answer(recording.image)[0]
    reason = recording.reason or said.reason
    return {
        "label": said.label,
        "said": chance(said.confidence),
        "accepted": reason is None,
        "reason": reason,
        "classes": [
            {"name": name, "probability": probability, "said": chance(probability)}
            for name, probability in zip(recording.recognizer.classes, said.probabilities, strict=True)
        ],
    }
