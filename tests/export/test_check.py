"""A comparison counts what differs, and says why an export is not good enough."""

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from inkwise.data.dataset import Split
from inkwise.errors import ModelError
from inkwise.export.check import Check, Precision, Side, compare
from inkwise.export.digits import Digits, find_digits
from inkwise.recognizer import Recognizer

if TYPE_CHECKING:
    from onnx import ModelProto

SIDE = Side(size=1000, errors=10, milliseconds=1.0, images_per_second=100.0)
FINE = Check("mnist", "test", 10_000, 1e-6, 0, 0, SIDE, SIDE)


@pytest.fixture(scope="module")
def digits(several: Recognizer) -> Digits:
    return find_digits(several)


@pytest.mark.parametrize(
    ("precision", "changes", "fault"),
    [
        ("float32", {}, None),
        ("float32", {"largest": 2e-4}, "a probability differs by 0.0002, and 0.0001 is allowed"),
        ("float32", {"largest": math.nan}, "a probability differs by nan, and 0.0001 is allowed"),
        ("float32", {"differ": 11}, "11 of 10,000 answers differ, and 10 are allowed"),
        ("int8", {"largest": 0.9, "differ": 100, "accepted_otherwise": 100}, None),
        ("int8", {"largest": math.nan}, "a probability differs by nan, and 1 is allowed"),
        ("int8", {"differ": 101}, "101 of 10,000 answers differ, and 100 are allowed"),
        ("int8", {"accepted_otherwise": 101}, "101 of 10,000 are accepted by one alone, and 100 are allowed"),
        ("int8", {"exported": replace(SIDE, errors=40)}, None),
        (
            "int8",
            {"exported": replace(SIDE, errors=41)},
            "it makes 41 errors on 10,000 images, and its original 10",
        ),
        ("int8", {"original": replace(SIDE, errors=None), "exported": replace(SIDE, errors=None)}, None),
    ],
)
def test_what_is_too_far_is_told(precision: Precision, changes: dict[str, Any], fault: str | None) -> None:
    assert replace(FINE, **changes).fault(precision) == fault


def test_a_faithful_export_differs_in_nothing(several: Recognizer, graph: "ModelProto", digits: Digits) -> None:
    content = graph.SerializeToString()
    check = compare(several, content, digits, size=77)
    assert (check.dataset, check.split, check.n) == ("uci-digits", "test", 500)
    assert (check.differ, check.accepted_otherwise, check.fault("float32")) == (0, 0, None)
    assert 0 < check.largest < 1e-5
    wanted = (several.decide(several.probabilities(digits.test.images)) != digits.test.labels).sum()
    assert check.original.errors == check.exported.errors == int(wanted)
    assert (check.original.size, check.exported.size) == (77, len(content))
    values = check.to_dict()
    assert values["exported"]["accuracy"] == 1 - int(wanted) / 500
    assert min(check.exported.milliseconds, check.exported.images_per_second) > 0


def test_without_labels_no_errors_are_counted(several: Recognizer, graph: "ModelProto", digits: Digits) -> None:
    check = compare(several, graph.SerializeToString(), replace(digits, labelled=False), size=77)
    assert check.original.errors is check.exported.errors is None
    assert check.to_dict()["original"]["accuracy"] is None


def test_one_image_is_enough(several: Recognizer, graph: "ModelProto", digits: Digits) -> None:
    one = Split("test", digits.test.images[:1], digits.test.labels[:1])
    check = compare(several, graph.SerializeToString(), replace(digits, test=one), size=77)
    assert (check.n, check.differ) == (1, 0)


def test_another_weight_is_found(several: Recognizer, graph: "ModelProto", digits: Digits) -> None:
    from onnx import ModelProto, numpy_helper

    other = ModelProto()
    other.CopyFrom(graph)
    last = next(value for value in other.graph.initializer if value.name.endswith("weight") and value.dims[0] == 12)
    last.CopyFrom(numpy_helper.from_array(np.roll(numpy_helper.to_array(last), 1, axis=0), last.name))
    check = compare(several, other.SerializeToString(), digits, size=77)
    assert check.differ > 50
    assert check.fault("float32") is not None


def test_what_onnxruntime_cannot_run_is_one_sentence(several: Recognizer, digits: Digits) -> None:
    with pytest.raises(ModelError, match=r"^onnxruntime cannot run the exported network \(.+\); report it with"):
        compare(several, b"nothing of the sort", digits, size=77)


def test_a_batch_that_is_not_free_is_found(several: Recognizer, digits: Digits) -> None:
    from onnx import TensorProto, helper

    inputs = [helper.make_tensor_value_info("images", TensorProto.UINT8, ["n", 1, 28, 28])]
    outputs = [helper.make_tensor_value_info("label", TensorProto.INT64, [2])]
    two = helper.make_node("Constant", [], ["label"], value_ints=[4, 2])
    made = helper.make_model(
        helper.make_graph([two], "two", inputs, outputs), opset_imports=[helper.make_opsetid("", 20)], ir_version=10
    )
    with pytest.raises(
        ModelError, match=r"^The exported network gives 2 answers to 1 images; write it with operations"
    ):
        compare(several, made.SerializeToString(), digits, size=77)
