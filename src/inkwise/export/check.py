"""An exported file against the model it was made from, on the same real digits: what differs, how large, how fast.

The file's bytes are run by onnxruntime exactly as they will be written: one image alone, then batches, the last of
another size, so that a batch that is not free is found. `Check.fault` says why an export is not good enough.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import torch
from jaxtyping import UInt8
from torch import Tensor

from inkwise.errors import ModelError
from inkwise.export.answering import INPUT
from inkwise.export.digits import Digits
from inkwise.recognizer import Recognizer

Precision = Literal["float32", "int8"]
Outputs = dict[str, npt.NDArray[Any]]

_BATCH = 256
_ALONE = 25  # times that one image is answered


@dataclass(frozen=True)
class Tolerance:
    """How far an export may be from its original.

    `probability` is the most that one may differ by; `differ` the share of images whose answer, or whose acceptance,
    may be another; `worse` the share by which errors may grow.
    """

    probability: float
    differ: float
    worse: float


# Sums in another order move a probability by a millionth. Eight bits move one that is near to undecided by anything,
# so that answers are what counts; docs/export.md has what was measured.
TOLERANCES: Final[dict[Precision, Tolerance]] = {
    "float32": Tolerance(probability=1e-4, differ=0.001, worse=0.0005),
    "int8": Tolerance(probability=1.0, differ=0.01, worse=0.003),
}


@dataclass(frozen=True)
class Side:
    """The original or the export: bytes of the file, errors where labels are known, and time.

    `milliseconds` is the median for one image alone, `images_per_second` that of all in batches; both from uint8 to
    answers, on as many threads as torch uses.
    """

    size: int
    errors: int | None
    milliseconds: float
    images_per_second: float


@dataclass(frozen=True)
class Check:
    """What came of `n` images of the `split` of `dataset`.

    `largest` is the largest difference of any probability, nan where the export gives nan; `differ` counts images that
    get another answer, `accepted_otherwise` those that only one of the two accepts.
    """

    dataset: str
    split: str
    n: int
    largest: float
    differ: int
    accepted_otherwise: int
    original: Side
    exported: Side

    def fault(self, precision: Precision) -> str | None:
        """Return why the export is too far from its original, None where it is not."""
        most = TOLERANCES[precision]
        allowed = most.differ * self.n
        if not self.largest <= most.probability:  # nan is not
            return f"a probability differs by {self.largest:.2g}, and {most.probability:g} is allowed"
        if self.differ > allowed:
            return f"{self.differ:,} of {self.n:,} answers differ, and {allowed:,.0f} are allowed"
        if self.accepted_otherwise > allowed:
            return (
                f"{self.accepted_otherwise:,} of {self.n:,} are accepted by one alone, and {allowed:,.0f} are allowed"
            )
        before, after = self.original.errors, self.exported.errors
        if before is not None and after is not None and after - before > most.worse * self.n:
            return f"it makes {after:,} errors on {self.n:,} images, and its original {before:,}"
        return None

    def to_dict(self) -> dict[str, Any]:
        """Return everything for JSON, with the accuracies."""
        values = asdict(self)
        for name, side in (("original", self.original), ("exported", self.exported)):
            values[name]["accuracy"] = None if side.errors is None else 1 - side.errors / self.n
        return values


def compare(recognizer: Recognizer, content: bytes, digits: Digits, *, size: int) -> Check:
    """Return how the ONNX file with `content` compares with `recognizer` on the test images of `digits`.

    Args:
        recognizer: The original.
        content: The whole file.
        digits: What both are given.
        size: Bytes of the original's file.

    Raises:
        ModelError: onnxruntime cannot run the file.
    """
    images = digits.test.images
    answer = _session(content)
    theirs, alone, whole = _timed(answer, images)
    ours, alone_before, whole_before = _timed(lambda batch: _answers(recognizer, batch), images)
    labels = digits.test.labels.numpy() if digits.labelled else None
    pairs = [(ours[name], theirs[name]) for name in ("probabilities", "kinds", "confidence") if name in theirs]
    return Check(
        dataset=digits.dataset,
        split=digits.test.name,
        n=len(images),
        largest=max(float(np.abs(one - other).max()) for one, other in pairs),
        differ=int((ours["label"] != theirs["label"]).sum()),
        accepted_otherwise=int((ours["accepted"] != theirs["accepted"]).sum()),
        original=Side(size, _errors(ours, labels), alone_before, len(images) / whole_before),
        exported=Side(len(content), _errors(theirs, labels), alone, len(images) / whole),
    )


def _session(content: bytes) -> Callable[[UInt8[Tensor, "n 1 h w"]], Outputs]:
    """Return a function that answers with onnxruntime."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.log_severity_level = 3  # errors; its warnings are for whoever writes graphs
    try:
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors have no common base but this
        raise _unusable(error) from error
    names = [output.name for output in session.get_outputs()]

    def answer(images: Tensor) -> Outputs:
        try:
            outputs = dict(zip(names, session.run(None, {INPUT: images.numpy()}), strict=True))
        except Exception as error:
            raise _unusable(error) from error
        lengths = {len(value) for value in outputs.values()}
        if lengths != {len(images)}:
            raise ModelError(
                f"The exported network gives {' or '.join(map(str, sorted(lengths)))} answers to {len(images)} images; "
                "write it with operations that leave the first axis as it is."
            )
        return outputs

    return answer


def _unusable(error: Exception) -> ModelError:
    said = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
    return ModelError(f"onnxruntime cannot run the exported network ({said}); report it with the recipe.")


def _answers(recognizer: Recognizer, images: UInt8[Tensor, "n 1 h w"]) -> Outputs:
    """Return what the original says, under the names of the export's outputs."""
    judgement = recognizer.judge(images)
    label, reasons = recognizer.decide(judgement.probabilities), recognizer.reasons(judgement)
    probabilities = judgement.probabilities
    if recognizer.recipe.binary:
        probabilities = torch.cat([1 - probabilities, probabilities], dim=1)
    confidence = probabilities.gather(1, label[:, None])[:, 0] * judgement.kinds[:, 0]
    return {
        "probabilities": probabilities.numpy(),
        "kinds": judgement.kinds.numpy(),
        "label": label.numpy(),
        "confidence": confidence.numpy(),
        "accepted": np.array([reason is None for reason in reasons]),
    }


def _timed(answer: Callable[[Tensor], Outputs], images: UInt8[Tensor, "n 1 h w"]) -> tuple[Outputs, float, float]:
    """Return the outputs for all images, milliseconds for one alone, and seconds for all."""
    alone, times = answer(images[:1]), []
    for _ in range(_ALONE):
        began = time.perf_counter()
        answer(images[:1])
        times.append(1e3 * (time.perf_counter() - began))
    began = time.perf_counter()
    parts = [answer(batch) for batch in torch.split(images, _BATCH)]
    seconds = time.perf_counter() - began
    outputs = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    for name, value in alone.items():
        outputs[name][:1] = value  # so that an image alone is compared too
    return outputs, median(times), seconds


def _errors(outputs: Outputs, labels: npt.NDArray[np.int64] | None) -> int | None:
    return None if labels is None else int((outputs["label"] != labels).sum())
