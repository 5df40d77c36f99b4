"""`inkwise export MODEL --out FILE`."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from inkwise.cli.options import Flag


def export(
    model: str,
    /,
    *,
    out: Path,
    form: Annotated[Literal["onnx"], Parameter(name="--format")] = "onnx",
    int8: Flag = False,
    data: Path | None = None,
    register: Path | None = None,
    json: Flag = False,
) -> None:
    """Write a model as one ONNX file that answers without torch, and check it on real digits.

    Example: inkwise export runs/small-cnn --out small-cnn.onnx

    The file takes images in MNIST's form and gives calibrated probabilities, answer, confidence and whether to accept
    it. It is written if it answers the test images of the model's dataset as the model does, or, where that is not on
    this machine, those of the packaged digits. Needs the extra "export".

    Args:
        model: A model file, a run folder, or a shipped model: inkwise, inkwise-small.
        out: The file to write, which must end in .onnx and not exist.
        form: The format: onnx.
        int8: Compute in 8 bits, with ranges from train images: a quarter of the size, and answers may differ.
        data: Where to look for the model's dataset first; nothing is downloaded.
        register: A .py file that registers the model's network.
        json: Print the comparison as one JSON object.
    """
    from inkwise.cli.console import out as console
    from inkwise.cli.console import print_json, say
    from inkwise.cli.given import load_model
    from inkwise.export.export import export as write
    from inkwise.export.table import export_table

    assert form == "onnx"  # the one there is
    exported = write(load_model(model, register), out, int8=int8, data=data, say=say)
    if json:
        print_json(exported.to_dict())
    else:
        console().print(export_table(exported))
