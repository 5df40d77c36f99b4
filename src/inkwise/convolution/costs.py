"""What each amount of work costs, in nanoseconds; written by `python -m benchmarks.convolution --fit`.

Fitted to 354 sizes on AMD EPYC, 2 cores, 2 threads, AVX512,
torch 2.13.0+cpu. The amounts are counted in `choice`.
"""

from typing import Final

COSTS: Final[dict[str, dict[str, float]]] = {
    "direct": {
        "call": 56800.0,
        "converted": 0.157,
        "far": 0.079,
        "fresh": 1.13,
        "multiply-adds": 0.0158,
        "output": 0.177,
        "positions": 7420.0,
        "products": 69.7,
        "rows added": 3.03,
        "runs": 5.13,
        "sums updated": 0.0271,
        "values added": 0.0562,
    },
    "im2col": {
        "blocks": 6.79,
        "call": 92900.0,
        "columns copied": 0.116,
        "converted": 0.271,
        "fresh": 1.13,
        "multiply-adds": 0.0144,
        "output": 0.158,
        "products": 0.0,
        "rows copied": 0.0521,
        "runs": 1.99,
    },
    "fft": {
        "alone": 2.65,
        "call": 138000.0,
        "channels": 12600.0,
        "converted": 0.0,
        "far": 0.557,
        "n log n": 0.0991,
        "output": 0.0,
        "products": 0.149,
    },
}
