"""From a model to an ONNX file that is known to answer like it: convert, quantise, describe, compare, write.

What is written is to the byte what was compared, and nothing is written where the comparison fails.
"""

from collections.abc import Callable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, Final

from inkwise import files
from inkwise.errors import ModelError, UsageError
from inkwise.export.check import Check, Precision, compare
from inkwise.export.digits import find_digits
from inkwise.export.extra import require
from inkwise.export.graph import convert
from inkwise.export.metadata import describe
from inkwise.export.quantisation import IMAGES, quantise
from inkwise.recognizer import Recognizer

SUFFIX: Final = ".onnx"


@dataclass(frozen=True)
class Exported:
    """A file that was written to `path`, and how it compares with its original.

    `quantised_on` says in words which images the ranges of int8 are from; None for float32.
    """

    path: Path
    precision: Precision
    quantised_on: str | None
    check: Check

    def to_dict(self) -> dict[str, Any]:
        """Return everything for JSON."""
        return {
            "out": str(self.path),
            "format": "onnx",
            "precision": self.precision,
            "quantised_on": self.quantised_on,
            "check": self.check.to_dict(),
        }


def export(
    recognizer: Recognizer,
    out: str | PathLike[str],
    *,
    int8: bool = False,
    data: Path | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Exported:
    """Write `recognizer` to `out` as an ONNX file, once it has answered real digits as its original does.

    Args:
        recognizer: The model, on the CPU.
        out: The .onnx file to write, which must not exist.
        int8: Whether the network's layers compute in int8, with ranges from train images.
        data: Where to look for the model's dataset first; nothing is downloaded.
        say: Told where the packaged digits take its place.

    Raises:
        UsageError: `out` is taken or named otherwise, or the extra "export" is not installed.
        ModelError: The network cannot be exported, or the export is too far from its original; nothing is written.
        RunError: The file cannot be written.
    """
    path = Path(out)
    if path.suffix != SUFFIX:
        raise UsageError(f"The export is an ONNX file, so {path} must end in {SUFFIX}.")
    if path.exists():
        raise UsageError(f"{path} exists and is not replaced; give the export another name.")
    require()
    digits = find_digits(recognizer, data=data, say=say)
    model = convert(recognizer)
    precision: Precision = "int8" if int8 else "float32"
    quantised_on = None
    if int8:
        images = digits.calibrating(IMAGES)
        model = quantise(model, images)
        quantised_on = f"{len(images):,} {digits.train.name} images of {digits.dataset}"
    describe(model, recognizer, precision=precision, quantised_on=quantised_on)
    content = model.SerializeToString()
    check = compare(recognizer, content, digits, size=_size(recognizer))
    fault = check.fault(precision)
    if fault is not None:
        raise refusal(fault, precision)
    files.make_folder(path.parent)
    files.write(path, content)
    return Exported(path, precision, quantised_on, check)


def refusal(fault: str, precision: Precision) -> ModelError:
    """Return the error that says why an export is not written, and what to do."""
    cure = "export it without --int8" if precision == "int8" else "report it with the recipe"
    return ModelError(f"The export does not answer like its original, so it is not written: {fault}; {cure}.")


def _size(recognizer: Recognizer) -> int:
    """Return the bytes of the model's file, or of its weights where it is in no file."""
    if recognizer.path is not None:
        return recognizer.path.stat().st_size
    return sum(value.nbytes for value in recognizer.network.state_dict().values())
