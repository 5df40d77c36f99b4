"""A convolution's result as a file of numbers: .csv, which tables and texts read, or .npy, numpy's own.

Whole numbers stay whole, and floats have all their figures, so that reading it gives the same values.
"""

import io

import numpy as np

from inkwise.explain.demonstration.operation import Operation


def as_csv(operation: Operation) -> str:
    """Return the result as text: a row for each row, or of a signal a row for each value."""
    values = operation.result[0, 0]
    rows = values[:, None] if values.ndim == 1 else values
    return "".join(",".join(map(repr, row)) + "\n" for row in rows.tolist())


def as_npy(operation: Operation) -> bytes:
    """Return the result as a .npy array of one or two axes, int64 or float64."""
    buffer = io.BytesIO()
    np.save(buffer, operation.result[0, 0].numpy(), allow_pickle=False)
    return buffer.getvalue()
