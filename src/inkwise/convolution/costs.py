"""What the parts of the three algorithms cost, in nanoseconds; written by `python -m benchmarks.convolution --fit`.

Measured on: not yet.
"""

from typing import Final

COSTS: Final[dict[str, dict[str, float]]] = {"direct": {}, "im2col": {}, "fft": {}}
