"""The report of a run: one HTML page that needs nothing else, and the same figures as CSV and PNG beside it.

The page starts with the result in one sentence and holds every picture inside, so that it opens offline and can be
sent to anyone; it runs no script and asks no other host for anything. It follows the reader's light or dark
preference. What it shows comes from its arguments alone: it reads no run folder and knows no network.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from pathlib import Path
from string import Template

import numpy as np
from jaxtyping import Float, UInt8
from torch import Tensor

from inkwise.errors import DataError
from inkwise.evaluation import plots, sections
from inkwise.evaluation.answers import Answers, Array, check_answers
from inkwise.evaluation.evaluation import Evaluation
from inkwise.evaluation.markup import Html, join, picture, table, tag
from inkwise.evaluation.mistakes import Mistake
from inkwise.evaluation.phrases import count, disputes, headline
from inkwise.evaluation.robustness import Robustness
from inkwise.evaluation.robustness_plot import robustness_plot
from inkwise.evaluation.sheets import errors_sheet, kernels_sheet
from inkwise.files import make_folder, write

PICTURES = ("loss", "accuracy", "confusion", "reliability", "errors", "kernels", "roc", "robustness")
SHOWN_ERRORS = 30
SHOWN_SAMPLES = 12
Drawn = dict[str, tuple[bytes, bytes]]  # name: light and dark


def write_report(
    folder: Path,
    *,
    title: str,
    recipe: Mapping[str, object],
    environment: Mapping[str, object],
    history: Sequence[Mapping[str, object]],
    layers: Sequence[Mapping[str, str]],
    evaluations: Mapping[str, Evaluation],
    errors: Sequence[Mistake],
    images: UInt8[Tensor, "n 1 h w"],
    probabilities: Array,
    labels: Array,
    kernels: Float[Tensor, "k c kh kw"] | None,
    notes: Sequence[str],
    kernels_given: bool = False,
    distorted: bool = False,
    robustness: Robustness | None = None,
) -> Path:
    """Write report.html, confusion.csv, errors.csv and the plots as PNG into a folder, each in one step.

    Args:
        folder: Where to write; made if missing. Files of these names are replaced.
        title: Name of the run or recipe.
        recipe: Its settings, nested as they are.
        environment: Versions, machine, device, seeds.
        history: Rows with epoch, step, split, loss and accuracy; may be empty.
        layers: A row of texts for each layer; may be empty.
        evaluations: By split; the one called "test" is the result, otherwise the last.
        errors: Its mistakes, the costliest first: all of them go to errors.csv, the first 30 into the pictures.
        images: The images of that split, uint8, ink high.
        probabilities: What the model said of them, (N, C), or (N, 1), the probability of "yes".
        labels: Their true classes, (N,).
        kernels: Weights of the convolution that sees the image, if it has one.
        notes: Defects of the recipe, and other remarks, one sentence each.
        kernels_given: Whether these weights are given instead of learned.
        distorted: Whether the train rows of the history were measured on images changed at random.
        robustness: How it stands corrupted images, where that was measured.

    Returns:
        The path of report.html.

    Raises:
        DataError: There is no evaluation, or images, labels and evaluation are not of the same split.
        RunError: The folder cannot be written.
    """
    if not evaluations:
        raise DataError("There is no evaluation to report; at least one split must be evaluated first.")
    shown = evaluations.get("test") or list(evaluations.values())[-1]
    answers = check_answers(probabilities, labels)
    if not len(images) == len(answers) == shown.n:
        raise DataError(
            f"The report's {shown.split} split was evaluated on {shown.n:,} images, but {len(images):,} images and "
            f"{len(answers):,} labels were given; give those of the same split."
        )
    make_folder(folder)
    drawn = _draw(history, shown, answers, kernels, distorted, robustness)
    pages = {name: light for name, (light, _) in drawn.items()}
    pages["confusion"] = plots.confusion_plot(shown)
    if errors:
        pages["errors"] = errors_sheet(images, errors, shown.classes, disputed=_disputed(shown), most=SHOWN_ERRORS)
    for name in PICTURES:
        path = folder / f"{name}.png"
        if name in pages:
            write(path, pages[name])
        else:
            path.unlink(missing_ok=True)  # left by an earlier report, it would be taken for this one's
    write(folder / "confusion.csv", confusion_csv(shown))
    write(folder / "errors.csv", errors_csv(errors, shown.classes))
    body = join(
        part
        for part in (
            sections.tiles(shown),
            sections.notes("As published" if title.endswith("@published") else "Notes", notes),
            sections.section("Splits", sections.splits(evaluations)),
            _training(drawn, distorted),
            sections.section(
                "What is taken for what",
                tag("div", sections.confusion(shown), sections.classes(shown), class_="both"),
                note="Rows are the true classes, columns the answers. Blue is right, orange is an error.",
            ),
            _worst(errors, images, shown),
            _samples(images, answers, shown),
            _doubts(drawn, shown),
            _robustness(drawn, robustness),
            _kernels(drawn, kernels, kernels_given),
            sections.section("The network", sections.layers(layers)),
            sections.section(
                "How it was made", sections.settings("Recipe", recipe), sections.settings("Environment", environment)
            ),
        )
        if part is not None
    )
    template = Template(Path(__file__).with_name("report_template.html").read_text(encoding="utf-8"))
    page = template.substitute(
        title=join([f"{title}: {shown.errors:,} errors of {shown.n:,}"]),
        kicker=join([f"{title} on {shown.dataset}, {shown.split} split"]),
        headline=join([headline(shown, watched=watched(history, shown.split))]),
        body=body,
        footer=join(["Made by Inkwise. Beside this page lie the same figures as CSV and PNG files."]),
    )
    path = folder / "report.html"
    write(path, page)
    return path


def watched(history: Sequence[Mapping[str, object]], split: str) -> bool:
    """Return whether a split was looked at more than once during training, and so is no longer unseen."""
    return len({row.get("step", row.get("epoch")) for row in history if row.get("split") == split}) > 1


def confusion_csv(evaluation: Evaluation) -> str:
    """Return the confusion counts as CSV: a row for each true class, a column for each answer."""
    rows = zip(evaluation.classes, evaluation.confusion, strict=True)
    return _csv([["true", *evaluation.classes], *([name, *row] for name, row in rows)])


def errors_csv(errors: Sequence[Mistake], classes: Sequence[str]) -> str:
    """Return the mistakes as CSV, in the order given; classes by name, probabilities to six decimals."""
    head = ["index", "label", "predicted", "predicted_probability", "label_probability", "loss"]
    rows = (
        [
            m.index, classes[m.label], classes[m.predicted],
            f"{m.predicted_probability:.6f}", f"{m.label_probability:.6f}", f"{m.loss:.6f}",
        ]
        for m in errors
    )  # fmt: skip
    return _csv([head, *rows])


def _csv(rows: Iterable[Iterable[object]]) -> str:
    buffer = StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue()


def _draw(
    history: Sequence[Mapping[str, object]],
    shown: Evaluation,
    answers: Answers,
    kernels: Tensor | None,
    distorted: bool,
    robustness: Robustness | None,
) -> Drawn:
    epochs = [epoch for row in history if isinstance(epoch := row.get("epoch"), float)]
    by: plots.Axis = "epoch" if all(epoch.is_integer() for epoch in epochs) else "step"
    drawn: Drawn = {}
    for dark in (False, True):
        made = {"reliability": plots.reliability_plot(shown, dark=dark)}
        if _is_a_line(plots.series(history, "loss", by)):
            made["loss"] = plots.loss_curves(history, by=by, distorted=distorted, dark=dark)
        if _is_a_line(plots.series(history, "accuracy", by)):
            made["accuracy"] = plots.accuracy_curves(history, by=by, distorted=distorted, dark=dark)
        if kernels is not None:
            made["kernels"] = kernels_sheet(kernels, dark=dark)
        if robustness is not None:
            made["robustness"] = robustness_plot(robustness, dark=dark)
        if shown.roc_auc is not None:
            made["roc"] = plots.roc_plot(answers.positive, answers.labels, dark=dark)
        for name, png in made.items():
            drawn[name] = (drawn[name][0], png) if dark else (png, png)
    return drawn


def _is_a_line(lines: Mapping[str, tuple[Sequence[float], Sequence[float]]]) -> bool:
    return any(len(set(xs)) > 1 for xs, _ in lines.values())  # a dot shows no course


def _picture(drawn: Drawn, name: str, alt: str) -> Html | None:
    return picture(*drawn[name], alt) if name in drawn else None


def _training(drawn: Drawn, distorted: bool) -> Html | None:
    if not drawn.keys() & {"loss", "accuracy"}:
        return None
    curves = _picture(drawn, "loss", "Loss curves"), _picture(drawn, "accuracy", "Accuracy curves")
    note = f"Train is measured while it learns{', on images distorted at random' if distorted else ''}."
    return sections.section("Training", tag("div", *curves, class_="plots"), note=note)


def _worst(errors: Sequence[Mistake], images: Tensor, shown: Evaluation) -> Html | None:
    first = list(errors)[:SHOWN_ERRORS]
    digits = [images[m.index, 0].cpu().numpy() for m in first]
    cards = sections.mistakes(first, digits, shown.classes, disputed=_disputed(shown))
    note = f"The {len(first)} costliest of {count(shown.errors, 'error')}, by the loss they cause."
    disputed = disputes(shown)
    if disputed is not None:
        note += f" {disputed} (Northcutt et al. 2021)."
    return sections.section("Worst errors", cards, note=note)


def _disputed(shown: Evaluation) -> Sequence[int]:
    return shown.disputed.errors if shown.disputed else ()


def _samples(images: Tensor, answers: Answers, shown: Evaluation) -> Html | None:
    each = max(1, SHOWN_SAMPLES // answers.classes)
    by_class = (np.flatnonzero(answers.labels == label)[:each] for label in range(answers.classes))
    first = np.concatenate(list(by_class))[: 2 * SHOWN_SAMPLES].tolist()
    said = answers.decide(0.5 if shown.threshold is None else shown.threshold)
    sure = answers.probability_of(said)
    note = f"The first {'image' if each == 1 else f'{each} images'} of each class in the {shown.split} split."
    cards = sections.samples(
        [images[i, 0].cpu().numpy() for i in first],
        [shown.classes[said[i]] for i in first],
        [float(sure[i]) for i in first],
        [shown.classes[answers.labels[i]] for i in first],
    )
    return sections.section("Some of its answers", cards, note=note)


def _doubts(drawn: Drawn, shown: Evaluation) -> Html | None:
    pictures = _picture(drawn, "reliability", "Reliability diagram"), _picture(drawn, "roc", "ROC curve")
    note = (
        "Where the line follows the diagonal, an answer given with 80 % confidence is right 80 times in 100. "
        f"On average the two differ by {100 * shown.ece:.2f} points; bars are 95 % intervals."
    )
    return sections.section("How sure it is", tag("div", *pictures, class_="plots square"), note=note)


def _robustness(drawn: Drawn, robustness: Robustness | None) -> Html | None:
    if robustness is None:
        return None
    figures = table(robustness.head, robustness.rows(), numbers=len(robustness.head) - 1)
    pictures = tag("div", _picture(drawn, "robustness", "Share right over the strength of each corruption"))
    return sections.section("When images go wrong", pictures, figures, note=robustness.sentence)


def _kernels(drawn: Drawn, kernels: Tensor | None, given: bool) -> Html | None:
    if kernels is None or "kernels" not in drawn:
        return None
    single = kernels.shape[0] * kernels.shape[1] == 1
    note = (
        "The network is this one picture: each pixel of ink adds its weight to the answer."
        if single
        else "What the first layer looks for: red weights answer to ink, blue ones to its absence."
    )
    if given:
        note += " These kernels are given, not learned; what it learns comes behind them."
    content = tag("div", _picture(drawn, "kernels", "Kernels of the first layer"), class_="plots square")
    return sections.section("What it " + ("is given" if given else "has learned") + " to look for", content, note=note)
