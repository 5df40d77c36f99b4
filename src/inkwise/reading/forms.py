"""A piece of ink in MNIST's form: its own ink alone, without its neighbours', lines' or the paper's.

The stages are the normaliser's (`inkwise.data.normaliser`); what differs is that a page already knows which pixels
are the piece's.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from inkwise.data.normaliser import crop, fit, place
from inkwise.reading.ink import Grey, Mask
from inkwise.reading.pieces import Piece

_SIDE = 28
_LONGEST = 80  # longer side to which large pieces are averaged first
_RIM = np.ones((3, 3), np.uint8)


def to_form(piece: Piece, levels: Grey, mask: Mask, noise: float) -> Grey:
    """Return the piece as uint8 (28, 28), ink 255 on background 0.

    Args:
        piece: lies within the page.
        levels: uint8 (H, W), the page's ink.
        mask: bool (H, W), where the page has strokes: other pieces' are left out.
        noise: standard deviation of `levels` on bare paper.
    """
    rim = 1 + piece.longer // 60
    top, left = max(piece.top - rim, 0), max(piece.left - rim, 0)
    bottom, right = min(piece.bottom + rim, levels.shape[0]), min(piece.right + rim, levels.shape[1])
    own = np.zeros((bottom - top, right - left), np.uint8)
    own[piece.top - top : piece.bottom - top, piece.left - left : piece.right - left] = piece.mask
    near = cv2.dilate(own, _RIM, iterations=rim) > 0
    near &= ~(mask[top:bottom, left:right] & (own == 0))
    cut = levels[top:bottom, left:right]
    inside = cut[own > 0]
    most = int(0.85 * (len(inside) - 1))
    high = float(np.partition(inside, most)[most])
    low = min(2.5 * noise, 0.3 * high)
    ink = np.where(near, np.clip((cut - low) * (255 / (high - low)), 0, 255), 0).astype(np.uint8)
    digit = crop(_shrunk(ink))
    return np.zeros((_SIDE, _SIDE), np.uint8) if digit is None else place(fit(digit))


def to_forms(pieces: list[Piece], levels: Grey, mask: Mask, noise: float) -> NDArray[np.uint8]:
    """Return pieces as uint8 (N, 1, 28, 28)."""
    if not pieces:
        return np.zeros((0, 1, _SIDE, _SIDE), np.uint8)
    return np.stack([to_form(piece, levels, mask, noise) for piece in pieces])[:, None]


def _shrunk(ink: Grey) -> Grey:
    """The picture with its longer side at most `_LONGEST`, each pixel the mean of those it covers."""
    factor = _LONGEST / max(ink.shape)
    if factor >= 1:
        return ink
    size = (max(1, round(ink.shape[1] * factor)), max(1, round(ink.shape[0] * factor)))
    return np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), np.uint8)
