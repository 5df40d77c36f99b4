"""What `make demo` shows: a network trained from nothing and what it reads, and a page read by the shipped model.

The network learns MNIST where it can be had; else, said loudly, the digits that are packaged with the project. The
page is packaged too, so reading it needs nothing.
"""

import sys
from itertools import zip_longest
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rich.console import Console

from inkwise import files
from inkwise.cli.console import TrainingBar
from inkwise.data.frames import read_frames
from inkwise.data.load import load_or_packaged
from inkwise.data.sample import PAGE, sample_lines
from inkwise.errors import InkwiseError
from inkwise.evaluation.table import evaluation_table
from inkwise.experiment.experiment import train
from inkwise.reading.overlay import draw
from inkwise.reading.page import read_page
from inkwise.reading.reader import judge_of
from inkwise.recipes import registry
from inkwise.recognizer import Prediction, Recognizer

RECIPE = "fast"
SHOWN = 6
FOLDER = Path("demo")


def main() -> int:
    """Train, evaluate, predict, read the page; return the exit code."""
    console = Console(highlight=False)
    with TrainingBar(quiet=False) as bar:
        dataset = load_or_packaged("mnist", say=bar.say)
        recipe = registry.get(RECIPE).model_copy(update={"dataset": dataset.name})
        outcome = train(recipe, out=FOLDER / RECIPE, observer=bar)
    console.print(evaluation_table(outcome.evaluations["test"]))
    test = dataset.split("test")
    recognizer = Recognizer.load(outcome.run.folder)
    chosen = np.random.default_rng().choice(len(test), SHOWN, replace=False)  # others each time: nothing is arranged
    images = test.images[chosen, 0].numpy()
    answers = recognizer.predict(images)
    console.print(f"\n{SHOWN} test digits, and what the network reads:\n")
    console.print(side_by_side(images, answers, [dataset.classes[int(i)] for i in test.labels[chosen]]))
    console.print(f"\nTrained in {outcome.train_seconds:.1f} s.")
    read_sample(console, FOLDER)
    console.print(f"\nModel:  {outcome.run.model_file}", soft_wrap=True)
    console.print(f"Report: {outcome.run.report_file.resolve()}", soft_wrap=True)
    return 0


def read_sample(console: Console, folder: Path) -> None:
    """Read the packaged page with the shipped model, say how that went, and draw it into `folder`."""
    recognizer = Recognizer.load()
    frame = next(iter(read_frames(PAGE)))
    page = read_page(frame, judge_of(recognizer))
    wanted = sample_lines()
    drawing = folder / "sample-page-read.png"
    files.make_folder(folder)
    files.write(drawing, draw(frame, page))
    console.print("\nA page drawn from the packaged digits, read by the shipped model:\n")
    for line, text in zip_longest(page.lines, wanted):
        said = "" if line is None else line.text
        console.print(f"  {said}" + ("" if said == text else f"   (is {text or 'nothing'})"))
    console.print(f"\nThe page: {PAGE}", soft_wrap=True)
    console.print(f"What was read on it: {drawing}", soft_wrap=True)


def side_by_side(images: npt.NDArray[np.uint8], answers: list[Prediction], labels: list[str]) -> str:
    """Return digits as text, each half as wide as high, with what was read below them."""
    rows = ["  ".join(line) for line in zip(*[blocks(image[3:25, 3:25]) for image in images], strict=True)]
    # Rounded down: "100%" is said of certainty alone.
    said = [
        f"{answer.label} ({int(100 * answer.confidence)}%)" + ("" if answer.label == label else f", is {label}")
        for answer, label in zip(answers, labels, strict=True)
    ]
    return "\n".join([*rows, "  ".join(f"{text:^11}" for text in said)])


def blocks(image: npt.NDArray[np.uint8]) -> list[str]:
    """Return an image as lines of quarter blocks: a character for two by two pixels."""
    signs = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"
    ink = image > 96
    return [
        "".join(
            signs[ink[y, x] + 2 * ink[y, x + 1] + 4 * ink[y + 1, x] + 8 * ink[y + 1, x + 1]]
            for x in range(0, image.shape[1], 2)
        )
        for y in range(0, image.shape[0], 2)
    ]


if __name__ == "__main__":
    try:
        sys.exit(main())
    except InkwiseError as error:
        sys.exit(f"inkwise: {error}")
