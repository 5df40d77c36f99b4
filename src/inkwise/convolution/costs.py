"""What each amount of work costs, in nanoseconds; written by `python -m benchmarks.convolution --fit`.

Fitted to 354 sizes on AMD EPYC, 2 cores, 2 threads, AVX512,
torch 2.13.0+cpu. The amounts are counted in `choice`.
"""

from typing import Final

COSTS: Final[dict[str, dict[str, float]]] = {
    "direct": {
        "call": 57100.0,
        "converted": 0.208,
        "far": 0.0228,
        "fresh": 1.41,
        "multiply-adds": 0.0177,
        "output": 0.105,
        "positions": 7340.0,
        "products": 65.0,
        "rows added": 3.28,
        "runs": 4.54,
        "sums updated": 0.0363,
        "values added": 0.067,
    },
    "im2col": {
        "blocks": 0.0,
        "call": 90900.0,
        "columns copied": 0.11,
        "converted": 0.378,
        "fresh": 1.23,
        "multiply-adds": 0.0206,
        "output": 0.101,
        "products": 13.3,
        "rows copied": 0.0526,
        "runs": 2.1,
    },
    "fft": {
        "alone": 3.43,
        "call": 130000.0,
        "channels": 14600.0,
        "converted": 1.08,
        "far": 0.0,
        "n log n": 0.128,
        "output": 0.0,
        "products": 0.181,
    },
}
