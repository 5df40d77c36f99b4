"""The model card inside an ONNX file: each field of the card is a metadata property of its name, written as JSON.

    {entry.key: json.loads(entry.value) for entry in onnx.load(path).metadata_props}

What is not the card's is under names of its own: `inkwise` (the version that exported), `precision`, and
`quantised_on`. Inputs and outputs say in words what they are.
"""

import json
from collections.abc import Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from inkwise.export.answering import INPUT, UNSURE
from inkwise.models.file import Card, weights_hash
from inkwise.recognizer import Recognizer

if TYPE_CHECKING:
    from onnx import ModelProto

OWN: Final = ("inkwise", "precision", "quantised_on")


def describe(model: "ModelProto", recognizer: Recognizer, *, precision: str, quantised_on: str | None = None) -> None:
    """Write the card, who exported, and what inputs and outputs are into `model`.

    Args:
        model: Changed in place.
        recognizer: Whose card it is. A card without the hash of its weights, from before it was kept, gets it.
        precision: "float32" or "int8".
        quantised_on: The images that the ranges of int8 are from, in words.
    """
    card = recognizer.card
    whole = card.model_copy(update={"weights": card.weights or weights_hash(recognizer.network.state_dict())})
    values: dict[str, Any] = whole.model_dump(mode="json")
    values |= {"inkwise": version("inkwise"), "precision": precision, "quantised_on": quantised_on}
    del model.metadata_props[:]
    for name, value in values.items():
        model.metadata_props.add(key=name, value=json.dumps(value))
    model.producer_name, model.producer_version = "inkwise", version("inkwise")
    title = card.name or recognizer.recipe.name
    model.doc_string = f"{title}: {recognizer.recipe.title or 'handwritten digits'}, exported by Inkwise, {precision}."
    words = _words(recognizer)
    for each in (*model.graph.input, *model.graph.output):
        each.doc_string = words[each.name]


def read_card(properties: Mapping[str, str]) -> Card:
    """Return the card that `describe` wrote, from the metadata properties as text."""
    return Card.model_validate({name: json.loads(text) for name, text in properties.items() if name not in OWN})


def _words(recognizer: Recognizer) -> dict[str, str]:
    _, height, width = recognizer.card.input_shape
    classes, rejects = (", ".join(names) for names in (recognizer.classes, recognizer.rejects))
    numbered = (f"; {number}: {name}" for number, name in enumerate(recognizer.rejects, start=UNSURE + 1))
    return {
        INPUT: f"uint8 (n, 1, {height}, {width}), ink 255 on background 0, in MNIST's form",
        "probabilities": f"calibrated, given that the image is of a class: {classes}",
        "kinds": f"the chance that the image is of a class, and of: {rejects}",
        "label": "index of the class answered",
        "confidence": "the calibrated chance that the answer is right",
        "accepted": "whether the answer should be relied on",
        "reason": f"0: accepted; {UNSURE}: unsure between the two most probable classes{''.join(numbered)}",
    }
