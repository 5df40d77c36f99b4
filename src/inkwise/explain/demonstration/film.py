"""A convolution as a film: a GIF that stands at one place after the other, or a strip of its key pictures as PNG.

A film leaves places out where there are more than it has pictures, and fills the output up to the place shown. A strip
has the strongest place of each quarter, with the output filled up to the quarter's end, so that nothing is missing in
the end. Drawn by the scenes; the bytes are the same for the same operation.
"""

from collections import Counter
from collections.abc import Sequence
from io import BytesIO
from itertools import pairwise
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from inkwise.explain.demonstration.image_scene import ImageScene
from inkwise.explain.demonstration.operation import Operation
from inkwise.explain.demonstration.scene import TOP, Scene
from inkwise.explain.demonstration.signal_scene import CurveScene, SignalScene

PICTURES: Final = 60  # the most in a film
KEY: Final = 4  # in a strip
_SECONDS: Final = 15.0  # a film lasts about so long, without the end
_END: Final = 3.0  # seconds that the last picture stands
_COLOURS: Final = 255  # a GIF has 256; one stands for what has not changed
_CELLS: Final = 26  # values of a signal that are drawn as cells


def film(operation: Operation, places: Sequence[int] | None = None, *, dark: bool = False) -> bytes:
    """Return the operation as an animated GIF that starts again at its end.

    Args:
        operation: A convolution or correlation over one or two axes.
        places: Where it stops, in order. Default: those of `shown`.
        dark: Light on dark.
    """
    places = places or shown(operation)
    scene = _scene(operation, places, dark)
    note = _note(len(places), len(operation.walk))
    frames = [scene.draw(place, note=note) for place in places]
    flat = _flattened(frames)
    pause = min(1.2, max(0.12, _SECONDS / len(flat)))
    durations = [round(1000 * pause)] * (len(flat) - 1) + [round(1000 * (pause + _END))]
    buffer = BytesIO()
    flat[0].save(buffer, format="GIF", save_all=True, append_images=flat[1:], duration=durations, loop=0, optimize=True)
    return buffer.getvalue()


def strip(operation: Operation, places: Sequence[int] | None = None, *, dark: bool = False) -> bytes:
    """Return the pictures of four places under each other, as a PNG for screens of two dots a point.

    Args:
        operation: A convolution or correlation over one or two axes.
        places: Of each quarter of these the strongest is shown, or all up to four. Default: every place.
        dark: Light on dark.
    """
    picked = keys(operation, places)
    scene = _scene(operation, [place for place, _ in picked], dark)
    several = len(places or operation.walk) > len(picked)
    note = f"the strongest place of each quarter of {len(places or operation.walk):,}" if several else ""
    frames = [scene.draw(place, note=note, scale=2, filled=end) for place, end in picked]
    above = round(2 * (TOP - 34))  # the titles stand above the first alone
    frames[1:] = [frame.crop((0, above, *frame.size)) for frame in frames[1:]]
    whole = _stacked(frames)
    buffer = BytesIO()
    whole.save(buffer, format="PNG")
    return buffer.getvalue()


def shown(operation: Operation) -> list[int]:
    """Return the places that a film stops at, in order: all of them, or rows and columns of places spread evenly."""
    sizes = operation.setting.output_size
    if len(operation.walk) <= PICTURES or len(sizes) == 1:
        return chosen(len(operation.walk), PICTURES)
    across = min(sizes[1], max(6, PICTURES // sizes[0]))
    rows, columns = chosen(sizes[0], PICTURES // across), chosen(sizes[1], across)
    return [row * sizes[1] + column for row in rows for column in columns]


def keys(operation: Operation, places: Sequence[int] | None = None) -> list[tuple[int, int]]:
    """Return the places of a strip, each with the last place of its quarter: where the result is largest in it.

    Args:
        operation: A convolution or correlation over one or two axes.
        places: Those to choose from, in order. Default: all.
    """
    of: Sequence[int] = places or range(len(operation.walk))
    strength = operation.result.double().abs().flatten().nan_to_num()[torch.as_tensor(of)]
    cuts = [order * len(of) // min(KEY, len(of)) for order in range(min(KEY, len(of)) + 1)]
    return [(of[a + int(strength[a:b].argmax())], of[b - 1]) for a, b in pairwise(cuts)]


def chosen(places: int, most: int) -> list[int]:
    """Return at most `most` of the places 0, 1, 2, ..., evenly, the first and the last among them."""
    if places <= most:
        return list(range(places))
    return [round(order * (places - 1) / (most - 1)) for order in range(most)]


def _scene(operation: Operation, places: Sequence[int], dark: bool) -> Scene:
    if operation.rank == 2:
        return ImageScene(operation, places, dark=dark)
    few = operation.walk.padded.shape[1] <= _CELLS
    return (SignalScene if few else CurveScene)(operation, places, dark=dark)


def _note(count: int, places: int) -> str:
    return "" if count == places else f"{count} of {places:,} places are shown"


def _flattened(frames: list[Image.Image]) -> list[Image.Image]:
    """Return all frames with one palette, since colours that jump between pictures would flicker.

    Colours are taken one by one, each the one that is furthest from those taken, the more so the
    more often it is seen: paper and cells are in it exactly, and the smoothed edges of letters share what is left.
    """
    counts: Counter[tuple[float, ...] | float] = Counter()  # what Pillow says of colours of any mode
    for frame in frames:
        for count, colour in frame.getcolors(frame.width * frame.height) or ():
            counts[colour] += count
    seen = np.array([colour for colour, _ in counts.most_common()], np.int64)  # (K, 3), the most frequent first
    weight = np.array([count for _, count in counts.most_common()], np.float64) ** 0.5
    taken = [0]
    distance = ((seen - seen[0]) ** 2).sum(1)
    while len(taken) < min(_COLOURS, len(seen)):
        taken.append(int((distance * weight).argmax()))
        distance = np.minimum(distance, ((seen - seen[taken[-1]]) ** 2).sum(1))
    palette = seen[taken]
    nearest = np.zeros(1 << 24, np.uint8)  # by a colour's 24 bits
    nearest[_packed(seen)] = ((seen[:, None] - palette[None]) ** 2).sum(-1).argmin(1)
    flat = []
    for frame in frames:
        picture = Image.fromarray(nearest[_packed(np.asarray(frame, np.int32))])
        picture.putpalette(palette.astype(np.uint8).tobytes())
        flat.append(picture)
    return flat


def _packed(colours: NDArray[np.signedinteger[Any]]) -> NDArray[np.signedinteger[Any]]:
    return colours[..., 0] << 16 | colours[..., 1] << 8 | colours[..., 2]


def _stacked(frames: list[Image.Image]) -> Image.Image:
    whole = Image.new("RGB", (frames[0].width, sum(frame.height for frame in frames)))
    top = 0
    for frame in frames:
        whole.paste(frame, (0, top))
        top += frame.height
    return whole
