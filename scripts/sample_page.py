"""Make src/inkwise/data/packaged/sample-page.jpg and .json: a page with numbers, and what they are.

    python -m scripts.sample_page

The digits are shaped after the packaged UCI digits, by `inkwise.synthesis`; so the page may be given away as they may.
8 x 8 pixels lose the loop of an 8 or the neck of a 5: only digits that are one stroke with the loops of their kind are
written. The seed was chosen by eye, for a page that looks like one, before any model had read it.
"""

import json

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from inkwise import files
from inkwise.data.dataset import Split
from inkwise.data.sample import PAGE, TRUTH
from inkwise.data.uci import read_uci_digits
from inkwise.synthesis.page_style import PageStyle
from inkwise.synthesis.pages import draw_page
from inkwise.synthesis.skeleton import enlarge, holes

SEED = 16
STYLE = PageStyle(
    width=900,
    height=640,
    layout="rows",
    digit_height=0.11,
    gap=0.2,
    uneven=0.05,
    wander=0.03,
    leading=1.6,
    slant=8.0,
    pen="ballpoint",
    ink="blue",
    strength=0.92,
    paper="cream",
    ruling="squared",
    desk="wood",
    shade=0.3,
    shadow="none",
    skew=2.0,
    perspective=0.02,
    blur=0.7,
    noise=3.0,
)
QUALITY = 88  # of the JPEG
_LOOPS = {0: 1, 6: 1, 8: 2, 9: 1}


def main() -> None:
    """Draw the page and write both files."""
    page = draw_page(legible_digits(), SEED, STYLE)
    done, data = cv2.imencode(
        PAGE.suffix, cv2.cvtColor(page.image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
    )
    assert done
    files.write(PAGE, data.tobytes())
    lines = [line.text for line in page.lines]
    files.write(TRUTH, json.dumps({"lines": lines}, indent=2) + "\n")
    print(f"{PAGE}: {PAGE.stat().st_size:,} bytes", *lines, sep="\n")


def legible_digits() -> Split:
    """Return the packaged digits that are in one piece and have the loops of their kind."""
    parts = read_uci_digits().splits.values()
    images, labels = torch.cat([part.images for part in parts]), torch.cat([part.labels for part in parts])
    pairs = zip(images[:, 0].numpy(), labels.tolist(), strict=True)
    kept = torch.tensor([_legible(image, label) for image, label in pairs])
    return Split("legible", images[kept], labels[kept])


def _legible(image: NDArray[np.uint8], label: int) -> bool:
    solid = enlarge(image)
    pieces = int(cv2.connectedComponents(solid)[0]) - 1
    return pieces == 1 and holes(solid) == _LOOPS.get(label, 0)


if __name__ == "__main__":
    main()
