"""Middle lines follow the strokes they are traced from: in place, in number, through crossings and around loops."""

import cv2
import numpy as np
from numpy.typing import NDArray

from inkwise.synthesis.skeleton import enlarge, holes, trace


def drawn(*lines: list[tuple[int, int]], thick: int = 3) -> NDArray[np.uint8]:
    canvas = np.zeros((28, 28), np.uint8)
    for line in lines:
        cv2.polylines(canvas, [np.array(line, np.int32)], False, 255, thick, cv2.LINE_AA)
    return canvas


def test_a_straight_stroke_is_one_line_from_end_to_end() -> None:
    (line,) = trace(drawn([(14, 5), (14, 23)]))
    assert np.abs(line[:, 0] - 14).max() < 0.6
    assert abs(line[:, 1].min() - 5) < 2
    assert abs(line[:, 1].max() - 23) < 2


def test_lines_go_straight_through_a_crossing() -> None:
    lines = trace(drawn([(5, 5), (23, 23)], [(23, 5), (5, 23)]))
    assert len(lines) == 2
    for line in lines:
        ends = np.abs(line[0] - line[-1])
        assert ends.min() > 14  # from corner to opposite corner


def test_a_loop_is_closed_and_its_hole_counted() -> None:
    ring = np.zeros((28, 28), np.uint8)
    cv2.circle(ring, (14, 14), 8, 255, 3, cv2.LINE_AA)
    (line,) = trace(ring)
    assert np.abs(line[0] - line[-1]).max() < 0.5
    assert np.abs(np.hypot(*(line - 14).T) - 8).max() < 1
    assert holes(enlarge(ring)) == 1


def test_a_loop_that_a_broad_pen_almost_filled_is_opened_again() -> None:
    ring = np.zeros((28, 28), np.uint8)
    cv2.circle(ring, (14, 14), 6, 255, 7)
    ring[12:17, 12:17] = 150  # grey where light shone through
    assert holes(enlarge(ring)) == 1


def test_a_spur_is_no_stroke_and_a_dot_is_a_point() -> None:
    stroke = drawn([(14, 4), (14, 24)], thick=5)
    stroke[14:16, 17] = 255  # a bump of one pixel
    assert len(trace(stroke)) == 1
    dot = np.zeros((28, 28), np.uint8)
    dot[13:16, 13:16] = 255
    (point,) = trace(dot)
    assert np.abs(point - 14).max() < 1.5


def test_without_ink_there_are_no_lines() -> None:
    assert trace(np.zeros((28, 28), np.uint8)) == ()
