"""The sections of the report, each from plain data to HTML; an empty section is None and is left out.

Everything passes through `markup`, so that class names and settings cannot break the page. Digits are shown as one
pixel per square, dark ink on paper.
"""

from collections.abc import Container, Mapping, Sequence
from io import BytesIO

import numpy as np
import numpy.typing as npt
from PIL import Image

from inkwise.evaluation.evaluation import Evaluation
from inkwise.evaluation.markup import Html, data_uri, join, table, tag
from inkwise.evaluation.mistakes import Mistake
from inkwise.evaluation.phrases import chance, percent, score, span

Pixels = npt.NDArray[np.uint8]


def section(title: str, *content: Html | None, note: str = "") -> Html | None:
    """Return a titled section, or None where all its content is None."""
    if all(part is None for part in content):
        return None
    return tag("section", tag("h2", title), tag("p", note, class_="note") if note else None, *content)


def tiles(evaluation: Evaluation) -> Html:
    """Return the main figures as tiles."""
    e = evaluation
    figures = [("accuracy", percent(e.accuracy), f"{span(*e.interval)}, 95 % interval")]
    figures.append(("errors", f"{e.errors:,}", f"of {e.n:,}"))
    if e.abstained:
        figures.append(("abstained", f"{e.abstained:,}", f"of {e.n:,}"))
    if e.binary:
        asked = e.classes[1]
        figures += [
            ("precision", percent(e.precision), f"of what it calls {asked} is {asked}"),
            ("recall", percent(e.recall), f"of what is {asked} is found"),
            ("F1", score(e.f1), f"from a probability of {score(e.threshold, 3)} up"),
            ("ROC AUC", score(e.roc_auc), e.roc_auc_reason or "0.5 is guessing, 1 is perfect"),
        ]
    if e.published_accuracy is not None:
        figures.append(("as published", percent(e.published_accuracy, 3), "argmax over one column"))
    figures.append(("log loss", score(e.nll), "nats per image"))
    figures.append(("calibration", percent(e.ece), "mean gap of confidence and truth"))
    shown = (
        tag("div", tag("dt", name), tag("dd", value, tag("small", note)), class_="tile")
        for name, value, note in figures
    )
    return tag("dl", join(shown), class_="tiles")


def splits(evaluations: Mapping[str, Evaluation]) -> Html | None:
    """Return a row for each evaluation, where there is more than one."""
    if len(evaluations) < 2:
        return None
    head = ("split", "errors", "accuracy", "95 % interval", "log loss")
    rows = [
        (name, f"{e.errors:,} / {e.n:,}", percent(e.accuracy), span(*e.interval), score(e.nll))
        for name, e in evaluations.items()
    ]
    return table(head, rows, numbers=4)


def confusion(evaluation: Evaluation) -> Html:
    """Return the confusion matrix as a table whose cells are shaded by count, right answers and errors apart."""
    e = evaluation
    most = max((count for t, row in enumerate(e.confusion) for p, count in enumerate(row) if t != p), default=0)

    def cell(true: int, said: int) -> Html:
        count = e.confusion[true][said]
        if not count:
            return tag("td", tag("span", "0", class_="hidden"))
        whole = e.per_class[true].support if true == said else most
        share = count / max(1, whole)
        kind = "right" if true == said else "wrong"
        words = f"{count:,} of class {e.classes[true]} answered {e.classes[said]}"
        strong = " strong" if share > (0.55 if true == said else 0.75) else ""
        return tag("td", f"{count:,}", class_=kind + strong, style=f"--share: {100 * share:.0f}%", title=words)

    k = len(e.classes)
    size = " few" if k < 4 else " wide" if k > 12 else ""
    head = tag("tr", tag("th", "true \\ said", class_="corner"), *(tag("th", name, scope="col") for name in e.classes))
    rows = (tag("tr", tag("th", e.classes[t], scope="row"), *(cell(t, p) for p in range(k))) for t in range(k))
    written = tag("table", tag("thead", head), tag("tbody", *rows), class_=f"confusion{size}")
    return tag("div", written, class_="scroll")


def classes(evaluation: Evaluation) -> Html:
    """Return precision, recall and F1 of each class, and their plain means."""
    e = evaluation
    rows: list[tuple[str, ...]] = [
        (row.name, f"{row.support:,}", percent(row.precision), percent(row.recall), score(row.f1))
        for row in e.per_class
    ]
    rows.append(("mean", f"{e.n:,}", percent(e.macro_precision), percent(e.macro_recall), score(e.macro_f1)))
    return table(("class", "images", "precision", "recall", "F1"), rows, class_="classes", numbers=4)


def mistakes(
    shown: Sequence[Mistake], pictures: Sequence[Pixels], names: Sequence[str], *, disputed: Container[int] = ()
) -> Html | None:
    """Return the worst errors as cards: the picture, what it says, what the label says, and the image's index.

    A label whose index is among `disputed` is said to be so.
    """
    if not shown:
        return None
    cards = (
        card(
            pixels,
            tag("strong", f"{names[m.label]} \N{RIGHTWARDS ARROW} {names[m.predicted]}"),
            tag("span", f"it says {names[m.predicted]} ({chance(m.predicted_probability)}),"),
            tag("span", f"the label says {names[m.label]} ({chance(m.label_probability)})"),
            tag("span", f"image {m.index}", tag("b", ", label disputed") if m.index in disputed else None),
            alt=f"Image {m.index}: labelled {names[m.label]}, read as {names[m.predicted]}",
        )
        for m, pixels in zip(shown, pictures, strict=True)
    )
    return tag("div", *cards, class_="cards")


def samples(
    pictures: Sequence[Pixels], said: Sequence[str], sure: Sequence[float], labels: Sequence[str]
) -> Html | None:
    """Return some images with the answer and its probability."""
    if not pictures:
        return None
    cards = []
    for pixels, answer, probability, label in zip(pictures, said, sure, labels, strict=True):
        fine = answer == label
        told = tag("span", chance(probability) if fine else f"{chance(probability)}, labelled {label}")
        words = f"Labelled {label}, read as {answer}"
        cards.append(card(pixels, tag("strong", answer, class_=None if fine else "bad"), told, alt=words))
    return tag("div", *cards, class_="cards small")


def card(pixels: Pixels, *caption: Html, alt: str) -> Html:
    """Return one digit with its caption."""
    height, width = pixels.shape
    image = tag("img", src=data_uri(paper_png(pixels)), alt=alt, width=width, height=height, class_="digit")
    return tag("figure", image, tag("figcaption", *caption))


def paper_png(pixels: Pixels) -> bytes:
    """Return ink-high pixels, uint8 (H, W), as a PNG with dark ink on white paper."""
    buffer = BytesIO()
    Image.fromarray(255 - pixels).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def layers(rows: Sequence[Mapping[str, str]]) -> Html | None:
    """Return the network's layers; the columns are those of the rows, in order of appearance."""
    if not rows:
        return None
    head = list(dict.fromkeys(name for row in rows for name in row))
    return table(head, ([row.get(name, "") for name in head] for row in rows), class_="layers")


def settings(title: str, values: Mapping[str, object]) -> Html | None:
    """Return settings as a section that opens on a click; nested ones get dotted names."""
    if not values:
        return None
    rows = ((tag("code", name), value) for name, value in flatten(values))
    return tag("details", tag("summary", title), table(("setting", "value"), rows, class_="settings"))


def flatten(values: Mapping[str, object], prefix: str = "") -> list[tuple[str, str]]:
    """Return nested settings as dotted names with their values as text."""
    rows: list[tuple[str, str]] = []
    for name, value in values.items():
        if isinstance(value, Mapping):
            rows += flatten({str(key): item for key, item in value.items()}, f"{prefix}{name}.")
        elif isinstance(value, (list, tuple)):
            rows.append((f"{prefix}{name}", ", ".join(map(str, value)) or "none"))
        else:
            rows.append((f"{prefix}{name}", "none" if value in {None, ""} else str(value)))
    return rows


def notes(title: str, lines: Sequence[str]) -> Html | None:
    """Return the defects and remarks of the recipe."""
    if not lines:
        return None
    return tag("aside", tag("h2", title), tag("ul", *(tag("li", line) for line in lines)))
