"""Ruled and squared paper: the rules of a page are found and taken out, and strokes that cross them stay whole.

A rule is long, thin and smooth: a row of ink that spans a good part of the page and whose middle is a curve of low
order, so that skewed and bent pages have rules too. Bars and feet of close writing may lie along such a curve, but
have strokes above and below them. Along a rule, ink goes that has none right above or below it and is
no darker than the rule; what remains there is a stroke. Upright rules are the lying ones of the page on its side.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inkwise.reading.ink import Grey, Ink, Mask

_SPAN = 0.28  # share of the page's width that a rule is seen on
_LEAST = 60  # pixels below which nothing is long enough to be told from a stroke
_STEEP = 0.2  # rows that it rises per column, at most
_BESIDE = 0.33  # share of its columns with ink right above or below it, from which it is writing
_DARKER = 1.35  # ink that exceeds its rule so much tells strokes by their darkness alone


@dataclass(frozen=True)
class Rule:
    """A lying rule: the row of its middle at each column of the page, its thickness and its darkness."""

    rows: NDArray[np.float64]
    thickness: float
    level: float


def without_rules(ink: Ink) -> Ink:
    """Return the ink of a page without that of its rules; itself where there are none."""
    levels, mask = _lying_out(ink.levels, ink.mask)
    aside, aside_mask = _lying_out(levels.T, mask.T)
    upright = (np.ascontiguousarray(aside.T), np.ascontiguousarray(aside_mask.T))
    return Ink(*upright, ink.factor, ink.light, ink.noise)


def find_rules(levels: Grey, mask: Mask) -> list[Rule]:
    """Return the lying rules of a page.

    Args:
        levels: uint8 (H, W), the page's ink.
        mask: bool (H, W), where it has strokes.
    """
    height, width = mask.shape
    run = max(15, width // 40)
    solid = cv2.dilate(np.ascontiguousarray(mask, np.uint8), np.ones((3, 1), np.uint8))
    # What is thicker than any rule, the desk beside the page say, would bind rules together.
    side = max(9, max(height, width) // 80)
    thick = cv2.morphologyEx(solid, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    long = cv2.morphologyEx(cv2.subtract(solid, thick), cv2.MORPH_OPEN, np.ones((1, run), np.uint8))
    if not long.any():
        return []
    bridged = cv2.morphologyEx(
        cv2.dilate(long, np.ones((3, 1), np.uint8)), cv2.MORPH_CLOSE, np.ones((1, 3 * run), np.uint8)
    )
    count, marks, measured, _ = cv2.connectedComponentsWithStats(np.asarray(bridged, np.uint8), connectivity=8)
    labels, stats = np.asarray(marks, np.int32), np.asarray(measured, np.int32)
    found = []
    for index in range(1, count):
        left, top, wide, tall = (int(value) for value in stats[index, :4])
        if wide < max(_SPAN * width, _LEAST) or tall > _STEEP * wide + 0.02 * height:
            continue
        box = (slice(top, top + tall), slice(left, left + wide))
        own = (labels[box] == index) & (long[box] > 0) & mask[box]
        rule = _fitted(own, levels[box], left, top, width)
        if rule is not None and not _is_writing(rule, mask, left, left + wide):
            found.append(rule)
    return found


def _is_writing(rule: Rule, mask: Mask, left: int, right: int) -> bool:
    """Whether what was found between two columns has strokes beside it all along."""
    columns = np.arange(left, right)
    away = int(np.ceil(rule.thickness / 2)) + 2

    def near(offset: int) -> Mask:
        rows = np.clip(np.rint(rule.rows[columns] + offset).astype(int), 0, mask.shape[0] - 1)
        return np.asarray(mask[rows, columns], np.bool_)

    own = np.logical_or.reduce([near(offset) for offset in range(2 - away, away - 1)])
    beside = near(-away) | near(away)
    return bool((beside & own).sum() > _BESIDE * own.sum())


def _fitted(own: Mask, levels: Grey, left: int, top: int, width: int) -> Rule | None:
    """The rule through a component; None where it is no thin smooth curve."""
    thickness = own.sum(axis=0)
    columns = np.flatnonzero(thickness)
    if len(columns) < 0.5 * own.shape[1]:
        return None
    usual = float(np.median(thickness[columns]))
    middles = (own * np.arange(own.shape[0])[:, None]).sum(axis=0)[columns] / thickness[columns]
    thin = thickness[columns] <= 1.5 * usual + 1  # strokes along the rule would pull its middle away
    if usual > max(3.0, 0.01 * width) or thin.sum() < 0.3 * own.shape[1]:
        return None
    x, y = columns[thin] / own.shape[1], middles[thin]
    for _ in range(3):
        if len(x) < _LEAST // 4:
            return None
        curve = np.polyfit(x, y, 3)
        off = abs(np.polyval(curve, x) - y)
        near = off <= max(1.5, 2 * float(np.median(off)))
        x, y = x[near], y[near]
    if float(np.median(off)) > 1 + 0.5 * usual:
        return None
    inside = np.polyval(curve, np.arange(own.shape[1]) / own.shape[1])
    rows = np.interp(np.arange(width) - left, np.arange(own.shape[1]), inside)
    # Beyond what was seen of it a rule goes straight on.
    reach = max(2, own.shape[1] // 4)
    for side, start in ((np.arange(width) < left, 0), (np.arange(width) >= left + own.shape[1], -1)):
        piece = inside[:reach] if start == 0 else inside[-reach:]
        slope = (piece[-1] - piece[0]) / max(len(piece) - 1, 1)
        edge = left if start == 0 else left + own.shape[1] - 1
        rows[side] = inside[start] + slope * (np.arange(width)[side] - edge)
    return Rule(rows + top, usual, float(np.median(levels[own])))


def _lying_out(levels: Grey, mask: Mask) -> tuple[Grey, Mask]:
    """Levels and mask without the lying rules."""
    rules = find_rules(levels, mask)
    if not rules:
        return levels, mask
    levels, mask = levels.copy(), mask.copy()
    height, width = mask.shape
    on_rules = np.zeros(mask.shape, np.bool_)
    columns = np.arange(width)
    for rule in rules:
        half = int(np.ceil(rule.thickness / 2)) + 1
        for offset in range(-half, half + 1):
            on_rules[np.clip(np.rint(rule.rows + offset).astype(int), 0, height - 1), columns] = True
    others = mask & ~on_rules
    full = float(np.percentile(levels[others], 75)) if others.any() else 0.0
    for rule in rules:
        _take_out(rule, levels, mask, others, full)
    return levels, mask


def _take_out(rule: Rule, levels: Grey, mask: Mask, others: Mask, full: float) -> None:
    """Take one rule out, in place."""
    height, width = mask.shape
    columns = np.arange(width)
    half = int(np.ceil(rule.thickness / 2)) + 1
    above = np.zeros(width, np.bool_)
    below = np.zeros(width, np.bool_)
    for beyond in (1, 2):
        above |= others[np.clip(np.rint(rule.rows - half - beyond).astype(int), 0, height - 1), columns]
        below |= others[np.clip(np.rint(rule.rows + half + beyond).astype(int), 0, height - 1), columns]
    for offset in range(-half, half + 1):
        rows = np.clip(np.rint(rule.rows + offset).astype(int), 0, height - 1)
        stroke = (above & below) | (above if offset <= 0 else below)
        if full > _DARKER * rule.level:
            stroke = levels[rows, columns] > rule.level + 0.5 * (full - rule.level)
        gone = columns[~stroke]
        mask[rows[gone], gone] = False
        levels[rows[gone], gone] = 0
