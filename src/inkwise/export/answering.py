"""From an image in MNIST's form to an answer: what `Recognizer.answer` does, as one torch module of tensors alone.

Pixels are scaled, batch normalisation is folded into the weights, and temperature and thresholds are constants. An
image is accepted where the recogniser would accept it, and otherwise a number stands for the reason. Knows nothing of
ONNX.
"""

import numpy as np
import torch
from torch import Tensor, nn

from inkwise.models.ensemble import Ensemble
from inkwise.models.folding import fold
from inkwise.models.network import logits_of, probabilities_of
from inkwise.recognizer import Recognizer

INPUT = "images"
UNSURE = 1  # the reason "unsure between" the two most probable classes; the rejects follow in order, 0 is none


class Answering(nn.Module):
    """A recogniser's network with everything that makes its outputs an answer.

    Args:
        recognizer: The model, on the CPU. Weights are shared with it where a layer is of an unknown kind.
    """

    def __init__(self, recognizer: Recognizer) -> None:
        super().__init__()
        # Kept out of torch's sight: its own children are folded and would be carried twice.
        self._network = (recognizer.network,)
        networks = recognizer.network.networks if isinstance(recognizer.network, Ensemble) else (recognizer.network,)
        self.members = nn.ModuleList(nn.Sequential(*fold(network)) for network in networks)
        self.classes, self.rejects = len(recognizer.classes), len(recognizer.rejects)
        self.binary, self.threshold = recognizer.recipe.binary, recognizer.threshold
        self.temperature = (recognizer.card.calibration or {}).get("temperature")
        rejection = recognizer.rejection
        self.least_digit = 0.0 if rejection is None else _at_least(rejection.digit)
        self.least_confidence = 0.0 if rejection is None else _at_least(rejection.confidence)
        self.eval()

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of what `forward` returns, in order; "kinds" where the network knows more than digits."""
        return ("probabilities", *(["kinds"] if self.rejects else []), "label", "confidence", "accepted", "reason")

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Return the answers for images, uint8 (N, 1, H, W), ink 255 on background 0.

        Returns:
            probabilities: float32 (N, C), calibrated, given that the image is of a class; of yes or no both.
            kinds: float32 (N, 1 + R), the chance that it is of a class at all, and of each reject; see `outputs`.
            label: int64 (N,), the index of the class answered.
            confidence: float32 (N,), the calibrated chance that this is right.
            accepted: bool (N,), whether it should be relied on; false where some probability is nan.
            reason: int64 (N,), why not: 0 where it should, 1 for "unsure between" the two most probable classes, and
                2 + r for reject r.
        """
        ink = images.float() / 255
        outputs = self._joined([member(ink) for member in self.members])  # (N, C + R)
        probabilities, kinds = self._judged(outputs)
        best = probabilities.amax(1)  # of yes or no this is yes, as the thresholds were chosen
        if self.binary:
            label = (probabilities[:, 0] >= self.threshold).long()
            probabilities = torch.cat([1 - probabilities, probabilities], dim=1)  # (N, 1) -> (N, 2)
        else:
            label = probabilities.argmax(1)
        # Written so that nan, which is above nothing, is not accepted.
        reason = (~(best >= self.least_confidence)).long() * UNSURE
        confidence = probabilities.gather(1, label[:, None])[:, 0]
        if kinds is None:
            return probabilities, label, confidence, reason == 0, reason
        one, others = kinds[:, 0], kinds[:, 1:]
        reason = torch.where(one >= self.least_digit, reason, others.argmax(1) + UNSURE + 1)
        return probabilities, kinds, label, confidence * one, reason == 0, reason

    def _joined(self, outputs: list[Tensor]) -> Tensor:
        (network,) = self._network
        return network.combine(outputs) if isinstance(network, Ensemble) else outputs[0]

    def _judged(self, outputs: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return the classes' probabilities, of yes or no one column, and the kinds where the network has them."""
        (network,) = self._network
        if self.temperature is None and not self.rejects:
            return probabilities_of(network, outputs), None
        logits = logits_of(network, outputs) / (self.temperature or 1.0)
        if self.binary:
            return logits.sigmoid(), None
        if not self.rejects:
            return logits.softmax(1), None
        chances = logits.softmax(1)
        one = chances[:, : self.classes].sum(1, keepdim=True).clamp(max=1)
        return logits[:, : self.classes].softmax(1), torch.cat([one, chances[:, self.classes :]], dim=1)


def _at_least(threshold: float) -> float:
    """Return the smallest float32 that is no less, so that a comparison in float32 decides as one in float64."""
    near = np.float32(threshold)
    return float(near if float(near) >= threshold else np.nextafter(near, np.float32(np.inf)))
