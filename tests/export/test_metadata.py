"""The model card is in the file, field by field, and inputs and outputs say what they are."""

import copy
import json
from typing import TYPE_CHECKING

from inkwise.export.metadata import describe, read_card
from inkwise.models.file import weights_hash
from inkwise.recognizer import Recognizer

if TYPE_CHECKING:
    from onnx import ModelProto


def properties(model: "ModelProto") -> dict[str, str]:
    return {entry.key: entry.value for entry in model.metadata_props}


def test_the_card_comes_back_as_it_was(several: Recognizer, graph: "ModelProto") -> None:
    model = copy.deepcopy(graph)
    describe(model, several, precision="int8", quantised_on="20 train images of uci-digits")
    describe(model, several, precision="int8", quantised_on="20 train images of uci-digits")  # nothing stands twice
    found = properties(model)
    assert len(found) == len(model.metadata_props)
    weights = weights_hash(several.network.state_dict())
    assert read_card(found) == several.card.model_copy(update={"weights": weights})
    assert json.loads(found["classes"]) == list("0123456789")
    assert json.loads(found["rejection"]) == {"digit": 0.9, "confidence": 0.6}
    assert json.loads(found["weights"]) == weights
    assert (json.loads(found["precision"]), json.loads(found["quantised_on"])) == (
        "int8",
        "20 train images of uci-digits",
    )
    assert (model.producer_name, model.producer_version) == ("inkwise", json.loads(found["inkwise"]))


def test_every_input_and_output_is_described(several: Recognizer, graph: "ModelProto") -> None:
    model = copy.deepcopy(graph)
    describe(model, several, precision="float32")
    words = {each.name: each.doc_string for each in (*model.graph.input, *model.graph.output)}
    assert all(words.values())
    assert words["images"] == "uint8 (n, 1, 28, 28), ink 255 on background 0, in MNIST's form"
    assert words["reason"].endswith("2: not a digit; 3: two digits")


def test_a_hash_that_the_card_has_is_kept(several: Recognizer, graph: "ModelProto") -> None:
    model = copy.deepcopy(graph)
    known = Recognizer(several.network, several.card.model_copy(update={"weights": "a" * 64}), several.recipe)
    describe(model, known, precision="float32")
    assert json.loads(properties(model)["weights"]) == "a" * 64
