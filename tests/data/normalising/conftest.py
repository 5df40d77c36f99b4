"""What the tests of the normaliser's stages share: a digit drawn by hand."""

import cv2
import numpy as np
import pytest


@pytest.fixture(scope="session")
def seven() -> np.ndarray:
    """A 7, light on dark, smooth, in the middle 60 % of 200 x 200 pixels."""
    big = np.zeros((800, 800), np.uint8)
    corners = np.array([[0.25, 0.2], [0.7, 0.2], [0.45, 0.8]]) * 800
    cv2.polylines(big, [corners.astype(np.int32)], False, 255, 72, cv2.LINE_AA)
    return np.asarray(cv2.resize(big, (200, 200), interpolation=cv2.INTER_AREA), np.uint8)
