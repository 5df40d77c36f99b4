"""A recogniser as an ONNX graph: torch's own exporter, the batch left open, nothing of this machine left in it.

The exporter writes the stack and the paths of files into each node; these go. Its remarks on torchvision, which
Inkwise has no use for, are not shown; every other warning is. Format: https://onnx.ai, operators of version 20, which
onnxruntime reads from 1.17 on.
"""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import torch

from inkwise.errors import ModelError
from inkwise.export.answering import INPUT, Answering
from inkwise.recognizer import Recognizer

if TYPE_CHECKING:
    from onnx import ModelProto

OPSET: Final = 20


def convert(recognizer: Recognizer) -> "ModelProto":
    """Return the ONNX model of what `Answering` computes, without metadata.

    Raises:
        ModelError: The network does something that torch's exporter cannot write down.
    """
    module = Answering(recognizer)
    images = torch.zeros(2, *recognizer.card.input_shape, dtype=torch.uint8)
    try:
        with _plain_spoken(), torch.no_grad():
            program = torch.onnx.export(
                module,
                (images,),
                dynamo=True,
                verbose=False,
                opset_version=OPSET,
                input_names=[INPUT],
                output_names=list(module.outputs),
                dynamic_shapes=({0: torch.export.Dim("n")},),
            )
    except torch.onnx.OnnxExporterError as error:
        network = recognizer.recipe.network
        named = f"network {network!r}" if isinstance(network, str) else f"network of {recognizer.recipe.name}"
        raise ModelError(
            f"The {named} cannot be written as ONNX, because torch's exporter cannot follow what it does "
            f"({_cause(error)}); write it with operations on whole batches of tensors."
        ) from error
    assert program is not None  # as it is where nothing is written to a file
    model = program.model_proto
    _tidy(model)
    return model


def _tidy(model: "ModelProto") -> None:
    """Remove what the exporter noted of this machine and its source code."""
    graph = model.graph
    graph.name, model.producer_name, model.producer_version = "inkwise", "", ""
    for each in (*graph.node, *graph.initializer, *graph.value_info, *graph.input, *graph.output, graph, model):
        each.ClearField("metadata_props")
        each.ClearField("doc_string")


def _cause(error: BaseException) -> str:
    """Return the first sentence of the innermost cause."""
    while error.__cause__ is not None:
        error = error.__cause__
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:200]}" if lines else type(error).__name__


@contextmanager
def _plain_spoken() -> Iterator[None]:
    """Keep two remarks quiet that no user can act on: torchvision is not here, and torch calls its own old names."""

    def worth_saying(record: logging.LogRecord) -> bool:
        return not record.getMessage().startswith("torchvision is not installed")

    logger = logging.getLogger("torch.onnx._internal.exporter._registration")
    logger.addFilter(worth_saying)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", r"`isinstance\(treespec, LeafSpec\)` is deprecated", FutureWarning)
            yield
    finally:
        logger.removeFilter(worth_saying)
