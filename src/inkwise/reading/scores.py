"""What a network says of pictures in MNIST's form: which digit, and whether it is one digit at all.

The one door between reading and networks. Networks that cannot reject are taken at their word: everything is a digit.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inkwise.reading.ink import Grey

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Scores:
    """Scores of N pictures. `digits` is (N, 10), the chance of each digit if it is one digit; sums to 1.

    `kinds` is (N, 3): the chances that it is one digit, no digit, and two or more digits; sums to 1.
    """

    digits: Floats
    kinds: Floats

    def __getitem__(self, rows: slice | list[int]) -> "Scores":
        return Scores(self.digits[rows], self.kinds[rows])

    def __len__(self) -> int:
        return len(self.digits)


# Anything that scores uint8 (N, 1, 28, 28), ink 255 on background 0; N may be 0.
Judge = Callable[[Grey], Scores]
