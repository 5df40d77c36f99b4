import cv2
import numpy as np
import pytest
from tests.reading_cases import FONT, Grey, write_lines

from inkwise.reading.ink import AREA, find_ink, is_light_ink, shrink

PAGE = write_lines("2753", "68245", shape=(240, 320))
INK = PAGE < 140
CHANCE = np.random.default_rng(0)


def likeness(mask: np.ndarray) -> float:
    """Return how much of two masks is in both."""
    return float((mask & INK).sum() / (mask | INK).sum())


def on_desk(desk: Grey, margin: int = 70) -> Grey:
    """Return the page on a desk that is larger by a margin on each side."""
    scene = desk.copy()
    scene[margin : margin + PAGE.shape[0], margin : margin + PAGE.shape[1]] = PAGE
    return scene


def tinted(paper: tuple[int, int, int], ink: tuple[int, int, int]) -> Grey:
    share = ((235.0 - PAGE) / 195)[..., None]
    return np.asarray(np.array(paper) * (1 - share) + np.array(ink) * share, np.uint8)


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(PAGE, id="plain"),
        pytest.param(255 - PAGE, id="chalk"),
        pytest.param(tinted((240, 220, 90), (190, 40, 40)), id="red on yellow"),
        pytest.param(tinted((150, 180, 230), (40, 60, 150)), id="blue on blue"),
        pytest.param((PAGE * np.linspace(0.35, 1, 320)).astype(np.uint8), id="shade from a side"),
        pytest.param((PAGE * np.where(np.arange(320) < 150, 0.5, 1)).astype(np.uint8), id="half in shadow"),
    ],
)
def test_strokes_are_found_whatever_paper_ink_and_light(picture: Grey) -> None:
    assert likeness(find_ink(picture).mask) > 0.8


@pytest.mark.parametrize(
    "desk",
    [
        pytest.param(np.full((380, 460), 25, np.uint8), id="dark"),
        pytest.param(np.clip(CHANCE.normal(70, 25, (380, 460)), 0, 255).astype(np.uint8), id="cloth"),
    ],
)
def test_a_desk_around_the_page_is_no_ink(desk: Grey) -> None:
    ink = find_ink(on_desk(desk))
    assert likeness(ink.mask[70:310, 70:390]) > 0.8
    outside = ink.mask.copy()
    outside[70:310, 70:390] = False
    assert outside.mean() < 0.02


@pytest.mark.parametrize("light", [False, True])
def test_large_writing_tells_dark_from_light_ink_in_spite_of_noise(light: bool) -> None:
    noisy = PAGE[:120, :200] + CHANCE.integers(0, 3, (120, 200), np.uint8)
    assert is_light_ink(255 - noisy if light else noisy) is light


def test_faint_and_dark_writing_are_both_found() -> None:
    page = np.full((200, 300), 235, np.uint8)
    cv2.putText(page, "27", (20, 130), FONT, 2.0, 20, 4, cv2.LINE_AA)
    cv2.putText(page, "35", (190, 130), FONT, 2.0, 190, 4, cv2.LINE_AA)
    mask = find_ink(page).mask
    assert mask[:, :140].sum() == pytest.approx(mask[:, 160:].sum(), rel=0.35)


def test_a_large_page_is_examined_smaller() -> None:
    small, factor = shrink(np.zeros((4000, 3000), np.uint8))
    assert small.size <= 1.01 * AREA
    assert factor == pytest.approx(4000 / small.shape[0], rel=0.01)
    assert shrink(PAGE)[1] == 1.0
