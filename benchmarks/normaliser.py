"""How many digits a network still reads when they come as pictures of many kinds, through the normaliser.

    python -m benchmarks.normaliser MODEL [MODEL ...] [--count 300] [--only shadow,ruled]

Images of MNIST's train split are drawn anew as single-digit pictures, by condition: pens, papers, light, cameras,
sizes, and digits cut out and stretched as other collections do. A network that learned these very images answers
nearly all of them in MNIST's own form, so what it misses here is the normaliser's loss. Needs MNIST; the test split
is not touched. Prints a table, and with `--out` writes it as JSON.
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from inkwise import files
from inkwise.data.load import load
from inkwise.data.normaliser import normalise
from inkwise.data.npz import read_arrays
from inkwise.data.uci import PATH
from inkwise.recognizer import Recognizer

Grey = NDArray[np.uint8]
Plane = NDArray[np.float64]  # coverage by ink, reflectance or light, in [0, 1]
Random = np.random.Generator


def glyph(image: Grey, longer: int, pen: float = 0.0) -> Plane:
    """Return the digit drawn with crisp edges, its longer side `longer` pixels and strokes wider by `pen` of that."""
    x, y, width, height = cv2.boundingRect(image)
    digit = cv2.copyMakeBorder(image[y : y + height, x : x + width], 4, 4, 4, 4, cv2.BORDER_CONSTANT)
    factor = 400 / max(width, height)
    large = cv2.resize(digit.astype(np.float64) / 255, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    inside = (cv2.GaussianBlur(large, (0, 0), factor / 3) > 0.45).astype(np.uint8)
    depth = cv2.distanceTransform(inside, cv2.DIST_L2, 5)
    away = cv2.distanceTransform(1 - inside, cv2.DIST_L2, 5)
    reach = max(pen * 200, -0.8 * float(depth.max()))
    grown = np.where(inside > 0, depth, -away) + reach > 0
    if pen < 0:  # a pen thinner than some stroke leaves its middle line
        grown |= (depth > 0) & (depth >= cv2.dilate(depth, np.ones((3, 3), np.uint8)) - 0.3) & (depth > 0.3 * -reach)
        grown = cv2.dilate(grown.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    x, y, width, height = cv2.boundingRect(grown.astype(np.uint8))
    mask = grown[y : y + height, x : x + width].astype(np.float64)
    factor = longer / max(width, height)
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(
        cv2.resize(mask, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC).clip(0, 1)
    )


def lay(ink: Plane, rng: Random, least: float = 0.15, most: float = 0.8) -> Plane:
    """Return the digit on a larger sheet, with margins from `least` to `most` of its longer side."""
    longer = max(ink.shape)
    top, bottom, left, right = (round(longer * rng.uniform(least, most)) for _ in range(4))
    return np.pad(ink, ((top, bottom), (left, right)))


def smooth(shape: tuple[int, ...], rng: Random, cells: int = 4) -> Plane:
    """Return a smooth random field with mean 0 and deviation about 1."""
    coarse = rng.normal(size=(cells, cells))
    return np.asarray(cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC))


def photograph(reflectance: Plane, light: Plane | float, rng: Random, noise: float = 2.0, blur: float = 0.0) -> Grey:
    """Return what a camera makes of it: grey levels with blur (pixels) and noise (grey levels)."""
    seen = reflectance * light * 255
    if blur > 0.2:
        seen = np.asarray(cv2.GaussianBlur(seen, (0, 0), blur), np.float64)
    return np.asarray(np.rint(seen + rng.normal(0, noise, seen.shape)).clip(0, 255), np.uint8)


def written(ink: Plane, paper: float = 0.85, colour: float = 0.2) -> Plane:
    """Return the reflectance of a sheet with ink on it."""
    return paper + (colour - paper) * ink


def jpeg(grey: Grey, quality: int) -> Grey:
    """Return the picture as JPEG of `quality` keeps it."""
    return np.asarray(cv2.imdecode(cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 0), np.uint8)


def ramp(shape: tuple[int, ...], rng: Random) -> Plane:
    """Return a coordinate in a random direction, from 0 to 1 over the picture."""
    angle = rng.uniform(0, 2 * np.pi)
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float64)
    along = x * np.cos(angle) + y * np.sin(angle)
    return np.asarray((along - along.min()) / (along.max() - along.min()))


def soft_shadow(shape: tuple[int, ...], rng: Random) -> Plane:
    """Return light that a broad shadow takes up to two thirds of."""
    edge = 1 / (1 + np.exp(-rng.uniform(4, 12) * (ramp(shape, rng) - rng.uniform(0.3, 0.7))))
    return np.asarray(1 - rng.uniform(0.35, 0.65) * edge)


def hard_shadow(shape: tuple[int, ...], rng: Random) -> Plane:
    """Return light with the edge of a hand or a telephone across it, one or two pixels wide."""
    beyond = (ramp(shape, rng) + 0.03 * smooth(shape, rng) > rng.uniform(0.25, 0.75)).astype(np.float64)
    return np.asarray(1 - rng.uniform(0.3, 0.6) * cv2.GaussianBlur(beyond, (0, 0), rng.uniform(0.8, 2.5)))


def flash(shape: tuple[int, ...], rng: Random) -> Plane:
    """Return the light of a flash: brightest somewhere, a third or less in the corners."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float64)
    far = np.hypot((y / shape[0]) - rng.uniform(0.2, 0.8), (x / shape[1]) - rng.uniform(0.2, 0.8))
    return np.asarray(1.15 / (1 + (far / rng.uniform(0.35, 0.6)) ** 2))


def rules(shape: tuple[int, ...], longer: int, rng: Random, squared: bool) -> Plane:
    """Return coverage by printed lines, thinner and paler than a pen's, with any small turn."""
    spacing = longer * (rng.uniform(0.25, 0.6) if squared else rng.uniform(0.7, 1.5))
    thick = max(1.0, longer * rng.uniform(0.008, 0.02))
    angle = np.deg2rad(rng.uniform(-3, 3))
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float64)
    across = [y * np.cos(angle) + x * np.sin(angle)] + ([x * np.cos(angle) - y * np.sin(angle)] if squared else [])
    lines = [np.abs((a + rng.uniform(0, spacing)) % spacing - spacing / 2) for a in across]
    return np.asarray(np.max([np.clip(thick / 2 + 0.5 - line, 0, 1) for line in lines], axis=0))


def page_edge(reflectance: Plane, rng: Random) -> Plane:
    """Return the sheet with a dark desk beyond one of its edges."""
    desk = rng.uniform(0.05, 0.35)
    width = round(max(reflectance.shape) * rng.uniform(0.05, 0.2))
    sides = np.zeros((2, 2), int)
    sides[tuple(rng.integers(0, 2, 2))] = width
    return np.pad(reflectance, sides, constant_values=desk)


def stretched(image: Grey, rng: Random, side: int, *, binary: bool = False) -> Grey:
    """Return the digit cut out tightly and stretched to fill a square of `side` pixels; ink is light."""
    ink = glyph(image, 200, rng.uniform(-0.02, 0.05))
    square = cv2.resize(ink, (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(np.where(square > 0.5, 255, 0) if binary else np.rint(square * 255), np.uint8)


def longer_side(rng: Random, low: float = 50, high: float = 300) -> int:
    """Return a size in pixels, evenly spread on a log scale."""
    return round(float(np.exp(rng.uniform(np.log(low), np.log(high)))))


def plain(image: Grey, rng: Random, low: float = 50, high: float = 300, pen: float = 0.0) -> Plane:
    """Return the digit on a sheet, as coverage by ink."""
    return lay(glyph(image, longer_side(rng, low, high), pen), rng)


def _lit(light: Callable[[tuple[int, ...], Random], Plane]) -> "Condition":
    def condition(image: Grey, rng: Random) -> Grey:
        sheet = written(plain(image, rng), rng.uniform(0.7, 0.95), rng.uniform(0.1, 0.4))
        return photograph(sheet, light(sheet.shape, rng), rng, 2.5, rng.uniform(0, 1.2))

    return condition


def _ruled(squared: bool) -> "Condition":
    def condition(image: Grey, rng: Random) -> Grey:
        longer = longer_side(rng, 60)
        ink = lay(glyph(image, longer, rng.uniform(-0.05, 0.02)), rng)
        paper = 0.88 - (0.88 - rng.uniform(0.5, 0.75)) * rules(ink.shape, longer, rng, squared)
        return photograph(np.minimum(written(ink, 0.88, rng.uniform(0.1, 0.3)), paper), 1.0, rng, 2, 0.6)

    return condition


def edge(image: Grey, rng: Random) -> Grey:
    """A dark desk beyond the edge of the page."""
    sheet = page_edge(written(plain(image, rng)), rng)
    return photograph(sheet, 1 - 0.15 * ramp(sheet.shape, rng), rng, 2, 0.7)


def dim(image: Grey, rng: Random) -> Grey:
    """Ink hardly darker or lighter than its ground."""
    paper = rng.uniform(0.35, 0.8)
    ink = paper + rng.choice([-1, 1]) * rng.uniform(0.13, 0.2)
    return photograph(written(plain(image, rng), paper, ink), 1.0, rng, 1.5, 0.5)


def board(image: Grey, rng: Random) -> Grey:
    """Chalk on a blackboard that was wiped badly."""
    ink = plain(image, rng)
    ground = rng.uniform(0.12, 0.3) + 0.03 * smooth(ink.shape, rng, 6)
    return photograph(ground + (rng.uniform(0.65, 0.95) - ground) * ink, 1 - 0.3 * ramp(ink.shape, rng), rng, 4, 0.8)


def noisy(image: Grey, rng: Random) -> Grey:
    """A camera in the evening."""
    return photograph(written(plain(image, rng), 0.7, 0.25), 0.8, rng, rng.uniform(8, 20), rng.uniform(0, 1.5))


def pressed(image: Grey, rng: Random) -> Grey:
    """Saved as a poor JPEG."""
    return jpeg(photograph(written(plain(image, rng)), 1.0, rng, 1, 0.5), int(rng.integers(8, 30)))


def pencil(image: Grey, rng: Random) -> Grey:
    """Grainy strokes of uneven strength."""
    ink = plain(image, rng, 80, pen=-0.04)
    grain = cv2.GaussianBlur(rng.normal(size=ink.shape), (0, 0), 1.2) * 2.5
    strength = (0.75 + 0.15 * smooth(ink.shape, rng, 5) + 0.2 * grain).clip(0.15, 1)
    return photograph(written(ink * strength, 0.85, 0.35), 1.0, rng, 2, 0.6)


def neighbours(image: Grey, rng: Random) -> Grey:
    """A cut-out with pieces of other writing at its border."""
    ink = plain(image, rng)
    other = glyph(image, max(ink.shape) // 2)[:, : max(ink.shape) // 4]
    cut = other[:, -max(2, round(other.shape[1] * rng.uniform(0.05, 0.2))) :]
    top = int(rng.integers(0, max(1, ink.shape[0] - cut.shape[0])))
    place = ink[top : top + cut.shape[0], : cut.shape[1]]
    np.maximum(place, cut[: place.shape[0]], out=place)
    return photograph(written(ink), 1.0, rng)


Condition = Callable[[Grey, Random], Grey]

CONDITIONS: dict[str, Condition] = {
    "MNIST itself": lambda image, _: image,
    "dark on light": lambda image, rng: photograph(written(plain(image, rng)), 1.0, rng),
    "light on dark": lambda image, rng: photograph(written(plain(image, rng), 0.1, 0.9), 1.0, rng),
    "8 to 24 pixels": lambda image, rng: photograph(written(plain(image, rng, 8, 24)), 1.0, rng, 1),
    "large": lambda image, rng: photograph(written(plain(image, rng, 500, 900)), 1.0, rng, 2, 1),
    "thin pen": lambda image, rng: photograph(written(plain(image, rng, 80, pen=-0.12)), 1.0, rng, 2, 0.5),
    "thick pen": lambda image, rng: photograph(written(plain(image, rng, pen=rng.uniform(0.04, 0.09))), 1.0, rng),
    "low contrast": dim,
    "soft shadow": _lit(soft_shadow),
    "hard shadow": _lit(hard_shadow),
    "flash": _lit(flash),
    "ruled paper": _ruled(False),
    "squared paper": _ruled(True),
    "page edge": edge,
    "blackboard": board,
    "noise": noisy,
    "JPEG": pressed,
    "pencil": pencil,
    "neighbours": neighbours,
    "cut tightly": lambda image, rng: photograph(written(glyph(image, longer_side(rng, 20))), 1.0, rng, 1),
    "stretched 16, binary": lambda image, rng: stretched(image, rng, 16, binary=True),
    "stretched 16, grey": lambda image, rng: stretched(image, rng, 16),
    "stretched 100": lambda image, rng: 255 - stretched(image, rng, 100),
}


def pictures(name: str, images: Grey, seed: int = 0) -> list[Grey]:
    """Return each image, (N, 28, 28), drawn under the condition."""
    condition = CONDITIONS[name]
    return [condition(image, np.random.default_rng([seed, i])) for i, image in enumerate(images)]


def right(recognizers: list[Recognizer], drawn: list[Grey], labels: NDArray[np.int64]) -> list[float]:
    """Return each model's share of right answers, in percent."""
    forms = torch.from_numpy(np.stack([normalise(picture).image for picture in drawn])[:, None])
    return [100 * float((r.decide(r.probabilities(forms)).numpy() == labels).mean()) for r in recognizers]


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", metavar="MODEL")
    parser.add_argument("--count", type=int, default=300, help="digits for each condition")
    parser.add_argument("--only", default="", help="conditions to measure, separated by commas")
    parser.add_argument("--out", type=Path, help="write the table as JSON")
    given = parser.parse_args()
    recognizers = [Recognizer.load(model) for model in given.models]
    train = load("mnist").splits["train"]
    order = np.random.default_rng(0).permutation(len(train.labels))
    wanted = [name for name in given.only.split(",") if name]
    table: dict[str, list[float]] = {}
    for number, name in enumerate(CONDITIONS):
        chosen = order[number * given.count : (number + 1) * given.count]
        if wanted and not any(word in name for word in wanted):
            continue
        images, labels = train.images[chosen, 0].numpy(), train.labels[chosen].numpy()
        table[name] = right(recognizers, pictures(name, images), labels)
        print(f"{name:24s}" + "".join(f"{share:8.2f}" for share in table[name]), flush=True)
    if not wanted or "UCI" in wanted:
        arrays = read_arrays(PATH)
        small = [np.rint(image * (255 / 16)).astype(np.uint8) for image in arrays["images"]]
        table["UCI digits, 8 x 8"] = right(recognizers, small, arrays["labels"].astype(np.int64))
        print(f"{'UCI digits, 8 x 8':24s}" + "".join(f"{share:8.2f}" for share in table["UCI digits, 8 x 8"]))
    if given.out:
        files.write(given.out, json.dumps({"command": " ".join(sys.argv[1:]), "right": table}, indent=2) + "\n")


if __name__ == "__main__":
    main()
