"""What each amount of work costs, in nanoseconds; written by `python -m benchmarks.convolution --fit`.

Fitted to 354 sizes on AMD EPYC, 2 cores, 2 threads, AVX512,
torch 2.13.0+cpu. The amounts are counted in `choice`.
"""

from typing import Final

COSTS: Final[dict[str, dict[str, float]]] = {
    "direct": {
        "call": 39100.0,
        "converted": 0.154,
        "far": 0.0126,
        "fresh": 1.29,
        "multiply-adds": 0.0162,
        "output": 0.119,
        "positions": 7680.0,
        "products": 75.7,
        "rows added": 3.31,
        "runs": 6.47,
        "sums updated": 0.0333,
        "values added": 0.0734,
    },
    "im2col": {
        "blocks": 0.0,
        "call": 79400.0,
        "columns copied": 0.122,
        "converted": 0.405,
        "fresh": 1.25,
        "multiply-adds": 0.0161,
        "output": 0.0445,
        "products": 135.0,
        "rows copied": 0.0,
        "runs": 2.73,
    },
    "fft": {
        "alone": 2.41,
        "call": 113000.0,
        "channels": 19300.0,
        "converted": 0.0,
        "far": 1.15,
        "n log n": 0.127,
        "output": 0.288,
        "products": 0.193,
    },
}
