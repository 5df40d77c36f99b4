"""From a small picture of ink to its middle lines, as polylines that a pen can draw again at any size.

The picture is enlarged smoothly, thinned to one pixel, and the pixels are followed from end to end; short spurs are
dropped, lines go straight through crossings, and the result is smoothed. Source of the thinning: Zhang & Suen, "A
fast parallel algorithm for thinning digital patterns", CACM 27(3), 1984, doi:10.1145/357994.358023.
"""

from collections import defaultdict
from functools import cache
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from inkwise.synthesis.noise import Floats

Pixel = tuple[int, int]
Path = list[Pixel]

_ZOOM = 4  # the skeleton is found at four times the picture's resolution
_SMOOTH = 2.6  # standard deviation of the smoothing along a line, in pixels of the enlarged picture
_LEVELS = (0.42, 0.55, 0.68, 0.8)  # shares of the darkest ink above which there is ink
_WEIGHTS = np.array([[128, 1, 2], [64, 0, 4], [32, 16, 8]], np.float32)  # of the eight neighbours, clockwise


def trace(ink: NDArray[np.uint8]) -> tuple[Floats, ...]:
    """Return the middle lines of the strokes.

    Args:
        ink: (H, W), ink high; best with strokes of 1 to 6 pixels.

    Returns:
        Polylines, each float32 (M, 2) of x and y in pixels, (0, 0) being the middle of the first pixel. A closed
        line ends where it began; a dot is one point. None where there is no ink.
    """
    solid = enlarge(ink)
    if not solid.any():
        return ()
    depth = cv2.distanceTransform(solid, cv2.DIST_L2, 3)
    radius = max(float(np.percentile(depth[depth > 0], 85)), 1.0)
    paths = _joined(_paths(_thin(solid)), radius)
    lines = (_extended(_smoothed(np.array(path, np.float32)[:, ::-1]), radius) for path in paths)
    return tuple(np.asarray((line - 1.5) / _ZOOM - 1, np.float32) for line in lines)


def enlarge(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the picture with a border of one pixel, four times as large, smooth, ink 1 on 0."""
    padded = cv2.copyMakeBorder(ink, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    large = cv2.resize(padded, None, fx=_ZOOM, fy=_ZOOM, interpolation=cv2.INTER_CUBIC)
    large = cv2.GaussianBlur(large, (0, 0), 1.6)
    top = max(int(large.max()), 60)
    solid = np.asarray(large > _LEVELS[0] * top, np.uint8)
    for level in _LEVELS[1:]:
        tighter = np.asarray(large > level * top, np.uint8)
        if _pieces(tighter) == _pieces(solid) and holes(tighter) > holes(solid):
            solid = tighter  # a loop that was filled by a broad pen is open again
    return solid


def holes(solid: NDArray[np.uint8]) -> int:
    """Return how many areas of background are enclosed by ink, given as 1 on 0."""
    ground = cv2.copyMakeBorder(1 - solid, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    return int(cv2.connectedComponents(ground, connectivity=4)[0]) - 2


def _pieces(solid: NDArray[np.uint8]) -> int:
    """How many connected marks there are."""
    return int(cv2.connectedComponents(solid, connectivity=8)[0]) - 1


def _thin(solid: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """One-pixel lines, 1 on 0."""
    lines = solid.copy()
    while True:
        before = int(lines.sum())
        for table in _tables():
            codes = cv2.filter2D(lines, cv2.CV_32F, _WEIGHTS, borderType=cv2.BORDER_CONSTANT).astype(np.uint8)
            lines &= table[codes]
        if int(lines.sum()) == before:
            break
    _, marks, _, centres = cv2.connectedComponentsWithStats(solid, connectivity=8)
    lost = np.setdiff1d(np.unique(marks[solid > 0]), marks[lines > 0])  # thinning leaves nothing of a small square
    for x, y in np.rint(centres[lost]).astype(int):
        lines[y, x] = 1
    return lines


@cache
def _tables() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """For each pattern of neighbours, 0 where the pixel goes: in the first and the second half of a pass."""
    bits = (np.arange(256)[:, None] >> np.arange(8)) & 1  # north first, clockwise
    rises = ((bits == 0) & (np.roll(bits, -1, axis=1) == 1)).sum(axis=1)
    count = bits.sum(axis=1)
    edge = (rises == 1) & (count >= 2) & (count <= 6)
    north, east, south, west = bits[:, 0], bits[:, 2], bits[:, 4], bits[:, 6]
    first = edge & (north * east * south == 0) & (east * south * west == 0)
    second = edge & (north * east * west == 0) & (north * south * west == 0)
    return (~first).astype(np.uint8), (~second).astype(np.uint8)


def _paths(lines: NDArray[np.uint8]) -> list[Path]:
    """The pixels followed from node to node, a node being an end or a crossing; then loops without a node."""
    near = _neighbours(lines)
    nodes = [pixel for pixel, others in near.items() if len(others) != 2]
    seen: set[tuple[Pixel, Pixel]] = set()
    paths: list[Path] = [[pixel] for pixel in nodes if not near[pixel]]
    for start in [*nodes, *near]:  # what is left after the nodes are loops
        for step in near[start]:
            if (start, step) in seen or (
                len(near[start]) == 2 and any((start, other) in seen for other in near[start])
            ):
                continue
            path = [start, step]
            while len(near[path[-1]]) == 2 and path[-1] != start:
                one, other = near[path[-1]]
                path.append(other if one == path[-2] else one)
            seen.update(pairwise(path))
            seen.update(pairwise(path[::-1]))
            paths.append(path)
    return paths


def _neighbours(lines: NDArray[np.uint8]) -> dict[Pixel, list[Pixel]]:
    """The pixels that touch each pixel; across a corner only where no side joins them."""
    pixels = {(int(y), int(x)) for y, x in np.argwhere(lines)}
    near: dict[Pixel, list[Pixel]] = {}
    for y, x in sorted(pixels):
        found = [p for p in ((y - 1, x), (y, x + 1), (y + 1, x), (y, x - 1)) if p in pixels]
        for down, right in ((-1, 1), (1, 1), (1, -1), (-1, -1)):
            if (y + down, x + right) in pixels and (y + down, x) not in pixels and (y, x + right) not in pixels:
                found.append((y + down, x + right))
        near[y, x] = found
    return near


def _joined(paths: list[Path], radius: float) -> list[Path]:
    """Paths without spurs and without the short bridges inside crossings, going straight through each crossing."""
    ends: dict[Pixel, int] = defaultdict(int)
    for path in paths:
        ends[path[0]] += 1
        ends[path[-1]] += 1

    def free(pixel: Pixel) -> bool:
        return ends[pixel] == 1

    kept = [p for p in paths if len(p) > 1.3 * radius or free(p[0]) == free(p[-1]) or len(paths) == 1]
    home: dict[Pixel, Pixel] = {}  # crossings that a bridge joins are one

    def find(pixel: Pixel) -> Pixel:
        while pixel in home:
            pixel = home[pixel]
        return pixel

    longer = []
    for path in kept:
        one, other = find(path[0]), find(path[-1])
        if len(path) < 1.6 * radius and not free(path[0]) and not free(path[-1]):
            if one != other:
                home[one] = other
        else:
            longer.append(path)
    return _chained(longer or kept, [(find(path[0]), find(path[-1])) for path in longer or kept], radius)


def _chained(paths: list[Path], nodes: list[tuple[Pixel, Pixel]], radius: float) -> list[Path]:
    """Paths joined end to end where they meet at a node and go on most nearly straight."""
    at: dict[Pixel, list[tuple[int, int]]] = defaultdict(list)  # (path, which end) by node
    for number, pair in enumerate(nodes):
        for side in (0, 1):
            at[pair[side]].append((number, side))
    follow: dict[tuple[int, int], tuple[int, int]] = {}
    for meeting in at.values():
        pairs = [
            (float(_away(paths, one, radius) @ _away(paths, other, radius)), one, other)
            for number, one in enumerate(meeting)
            for other in meeting[number + 1 :]
        ]
        for straight, one, other in sorted(pairs):
            if one not in follow and other not in follow and (straight < -0.3 or len(meeting) == 2):
                follow[one], follow[other] = other, one
    used: set[int] = set()
    starts = [(n, side) for n in range(len(paths)) for side in (0, 1) if (n, side) not in follow]
    starts += [(n, 0) for n in range(len(paths))]  # closed chains
    chains = []
    for number, side in starts:
        if number in used:
            continue
        chain: Path = []
        here: tuple[int, int] | None = (number, side)
        while here is not None and here[0] not in used:
            used.add(here[0])
            path = paths[here[0]]
            chain += path if here[1] == 0 else path[::-1]
            here = follow.get((here[0], 1 - here[1]))
        if here is not None:
            chain.append(chain[0])
        chains.append(chain)
    return chains


def _away(paths: list[Path], end: tuple[int, int], radius: float) -> Floats:
    """The direction, of length 1, in which a path leaves the node at its end."""
    path = paths[end[0]] if end[1] == 0 else paths[end[0]][::-1]
    far = path[min(len(path) - 1, round(3 * radius))]
    near = path[min(len(path) - 1, round(radius / 2))]
    step = np.array(far, np.float32) - np.array(near if near != far else path[0], np.float32)
    return np.asarray(step / max(float(np.hypot(*step)), 1e-6), np.float32)


def _smoothed(line: Floats) -> Floats:
    """The line without its pixels' stairs; its ends stay, a closed line stays closed."""
    if len(line) < 5:
        return line
    reach = min(int(3 * _SMOOTH), len(line) - 2)
    closed = bool(np.abs(line[0] - line[-1]).max() <= 1)
    if closed:
        padded = np.concatenate([line[-1 - reach : -1], line, line[1 : 1 + reach]])
    else:  # mirrored through the end points, which therefore stay
        padded = np.concatenate([2 * line[0] - line[reach:0:-1], line, 2 * line[-1] - line[-2 : -2 - reach : -1]])
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / _SMOOTH) ** 2)
    weights /= weights.sum()
    smooth = np.stack([np.convolve(padded[:, axis], weights, "valid") for axis in (0, 1)], axis=1)
    if closed:
        smooth[-1] = smooth[0]
    return np.asarray(smooth, np.float32)


def _extended(line: Floats, radius: float) -> Floats:
    """The line longer at its free ends, by what thinning took away there."""
    closed = bool(np.abs(line[0] - line[-1]).max() <= 1)
    if len(line) < 4 or closed:
        return line
    back = min(5, len(line) - 1)
    more = []
    for end, inner in ((line[0], line[back]), (line[-1], line[-1 - back])):
        step = end - inner
        more.append(end + step * np.float32(0.45 * radius / max(float(np.hypot(*step)), 1e-6)))
    return np.concatenate([more[0][None], line, more[1][None]]).astype(np.float32)
