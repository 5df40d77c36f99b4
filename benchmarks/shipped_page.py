"""The page of the shipped models' figures: which goals are reached, and the tables behind them.

Made from what `benchmarks.shipped` measured, which is plain values; measures nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from textwrap import fill
from typing import Any

from inkwise.evaluation.phrases import percent

Figures = Mapping[str, Any]
NAMES = {
    "mnist/validation": "MNIST, held out of its training images",
    "mnist/test": "MNIST test",
    "semeion/all": "Semeion, all",
    "uci-digits, 8 x 8/all": "UCI digits, all, from 8 x 8 pixels",
    "uci-digits/all": "UCI digits, all, as the dataset has them",
}
NO_DIGIT = ("letters", "signs", "scribbles", "blank and noise patches", "two digits at once", "objects")


@dataclass(frozen=True)
class Goal:
    """One goal: `value` of a model's figures, None where it was not measured, and how far it may be off."""

    name: str
    value: Callable[[Figures], float | None]
    least: float | None = None
    most: float | None = None
    shares: bool = True  # shown in percent

    @property
    def text(self) -> str:
        """The goal as people read it."""
        if self.least is not None:
            return f"at least {self._shown(self.least)}"
        return f"at most {self._shown(self.most)}"

    def reached(self, figures: Figures) -> bool | None:
        """Whether a model reaches it; None where it was not measured."""
        value = self.value(figures)
        if value is None:
            return None
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    def shown(self, figures: Figures) -> str:
        """A model's figure, in bold where it misses the goal."""
        value = self.value(figures)
        if value is None:
            return "-"
        digits = f"{value:.4f}" if not self.shares else percent(value)
        return digits if self.reached(figures) else f"**{digits}**"

    def _shown(self, value: float | None) -> str:
        assert value is not None
        return f"{100 * value:g} %" if self.shares else f"{value:g}"


def goals() -> tuple[Goal, ...]:
    """Return what the default model is meant to reach, in the order of the table."""
    return (
        Goal("MNIST test, right", _digits("mnist/test", "accuracy"), 0.996),
        Goal("Semeion, right", _digits("semeion/all", "accuracy"), 0.97),
        Goal("UCI digits, right", _digits("uci-digits, 8 x 8/all", "accuracy"), 0.985),
        Goal("real pages, digit errors", _pages("errors", "digits"), most=0.02),
        Goal("real pages, numbers whole", _pages("whole", "numbers"), 0.9),
        *(Goal(f"AUROC, {name}", _auroc(name), 0.99, shares=False) for name in NO_DIGIT),
        Goal("MNIST test, accepted", _digits("mnist/test", "accepted"), 0.97),
        Goal("Semeion, accepted", _digits("semeion/all", "accepted"), 0.97),
        Goal("UCI digits, accepted", _digits("uci-digits, 8 x 8/all", "accepted"), 0.97),
        Goal("MNIST test, ECE", _digits("mnist/test", "ece"), most=0.005, shares=False),
        Goal("Semeion, ECE", _digits("semeion/all", "ece"), most=0.03, shares=False),
    )


def verdict(name: str, figures: Figures) -> str:
    """Return in a sentence how many goals a model reaches, and which it misses."""
    measured = [(goal.name, reached) for goal in goals() if (reached := goal.reached(figures)) is not None]
    missed = [goal for goal, reached in measured if not reached]
    end = f"; it misses {'; '.join(missed)}" if missed else ""
    return f"`{name}` reaches {len(measured) - len(missed)} of {len(measured)} goals{end}."


def page(result: Mapping[str, Any]) -> str:
    """Return the results as Markdown."""
    models: Mapping[str, Figures] = result["models"]
    table = [
        _row("figure", "goal", *models),
        _rule(2 + len(models)),
        *(_row(goal.name, goal.text, *(goal.shown(each) for each in models.values())) for goal in goals()),
    ]
    sections = "\n".join(_section(name, figures) for name, figures in models.items())
    said = fill(" ".join(verdict(name, figures) for name, figures in models.items()), 120)
    return f"""# The shipped models, measured

{_lines(table)}

The goals are those of the default model, set before it was trained; what misses one is in bold.
{said}

A digit counts as right where the most likely class is, whether the answer is accepted or not. AUROC is the chance that
a digit of MNIST's test split is more likely accepted than a picture of that family; {result["drawn"]:,} pictures were
drawn, and half as many of families that no model learned from, with a seed of their own. ECE has 15 bins. Pages are
five real ones, photographed or scanned. All sets but MNIST come as pictures and go through the normaliser. Nothing was
chosen on any of them: networks, temperatures and thresholds come from MNIST's training images and from what is drawn.
But errors on Semeion were looked at once, and hands of `inkwise.synthesis` write European ones and nines since
([log](../log.md)).
Two digits at once are drawn here from MNIST's test digits.
{sections}
Command: `{result["command"]}`. Machine: {result["processor"]}, {result["cores"]} cores, {result["instructions"]}, AMX
{"yes" if result["amx"] else "no"}; Python {result["python"]}, torch {result["versions"]["torch"]}. Every figure:
[shipped.json](shipped.json).
"""


def _section(name: str, figures: Figures) -> str:
    parts = [
        f"\n## {name}\n",
        _lines(digits_table(figures["digits"])),
        "",
        _lines(families_table(figures)),
        "",
        *([_lines(_pages_table(figures["pages"])), ""] if figures["pages"] else []),
        robustness_text(figures["robustness"]),
        "",
        _lines(robustness_table(figures["robustness"])),
    ]
    return "\n".join([*parts, ""])


def digits_table(digits: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return a row for each set of digits: errors out of how many, acceptance and calibration."""
    head = ("digits", "errors", "right", "accepted", "errors among these", "ECE", "NLL")
    rows = [
        _row(
            NAMES.get(key, key),
            f"{each['errors']:,} / {each['n']:,}",
            percent(each["accuracy"]),
            percent(each["accepted"]),
            "-" if each["answered_errors"] is None else f"{each['answered_errors']:,}",
            f"{each['ece']:.4f}",
            f"{each['nll']:.4f}",
        )
        for key, each in digits.items()
    ]
    return [_row(*head), _rule(len(head)), *rows]


def families_table(figures: Figures) -> list[str]:
    """Return a row for each family of what is no digit: AUROC against MNIST's test split, and the share rejected."""
    rows = []
    for kind, held in (("negatives", "learned from"), ("held_out", "held out")):
        found = figures[kind]
        rows += [
            _row(name, held, f"{auroc:.4f}", percent(found["rejected_share"][name]))
            for name, auroc in found["auroc"].items()
        ]
    return [_row("no digit", "family", "AUROC", "rejected"), _rule(4), *rows]


def robustness_text(found: Mapping[str, Any]) -> str:
    """Return what a robustness table is of, in a sentence or two."""
    return (
        f"{found['n']:,} digits of MNIST's test split, evenly spread, corrupted: of the clean ones "
        f"{percent(found['clean'])} are right, of all corruptions and\nstrengths {percent(found['accuracy'])}, with a "
        f"mean ECE of {found['ece']:.4f}. A cell has the strength and what is right of every digit."
    )


def robustness_table(found: Mapping[str, Any]) -> list[str]:
    """Return a row for each corruption with its strengths and what is right at each."""
    count = max(len(each["strengths"]) for each in found["corruptions"].values())
    head = ("corruption", "unit", *(str(number) for number in range(1, count + 1)), "mean ECE")
    rows = []
    for name, each in found["corruptions"].items():
        pairs = zip(each["strengths"], each["accuracy"], strict=True)
        cells = [f"{strength:g}: {percent(right, 1)}" for strength, right in pairs]
        rows.append(_row(name, each["unit"], *cells, f"{sum(each['ece']) / len(each['ece']):.4f}"))
    return [_row(*head), _rule(len(head)), *rows]


def _pages_table(pages: Mapping[str, Any]) -> list[str]:
    each = [
        _row(row["name"], f"{row['errors']} / {row['digits']}", f"{row['whole']} / {row['numbers']}")
        for row in [*pages["each"], {"name": "all", **pages}]
    ]
    return [_row("page", "digit errors", "numbers whole"), _rule(3), *each]


def _digits(key: str, figure: str) -> Callable[[Figures], float | None]:
    return lambda figures: figures["digits"].get(key, {}).get(figure)


def _auroc(family: str) -> Callable[[Figures], float | None]:
    return lambda figures: figures["negatives"]["auroc"].get(family)


def _pages(part: str, whole: str) -> Callable[[Figures], float | None]:
    return lambda figures: figures["pages"] and figures["pages"][part] / max(1, figures["pages"][whole])


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _rule(count: int) -> str:
    return "|" + "---|" * count


def _lines(rows: list[str]) -> str:
    return "\n".join(rows)
