"""A row of metrics: what a split came to at a step."""

from typing import TypedDict


class Row(TypedDict):
    """`epoch` counts done epochs, with a fraction within one; `seconds` are of training alone."""

    epoch: float
    step: int
    split: str
    loss: float
    accuracy: float
    seconds: float
