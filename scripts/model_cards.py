"""Write docs/models.md from the cards of the models that come with Inkwise.

    python -m scripts.model_cards

Everything on the page that is about one model is in that model's own file; a test compares.
"""

from collections.abc import Mapping
from pathlib import Path
from textwrap import fill
from typing import Any

from benchmarks.shipped_page import digits_table, robustness_table, robustness_text

from inkwise import files
from inkwise.evaluation.phrases import percent
from inkwise.models.file import Card, read_model
from inkwise.models.shipped import NAMES, file_of

PAGE = Path(__file__).parent.parent / "docs" / "models.md"
HEAD = """# The models that come with Inkwise

Two model files are part of the package, so that digits and pages are read with no data, no training and no network:

{table}

Every verb that takes a model takes these names, and so does Python:

```bash
inkwise predict my-digit.png                        # inkwise, unless another model is named
inkwise read page.jpg --model inkwise-small
inkwise evaluate inkwise --dataset uci-digits --split all
```

```python
from inkwise import Recognizer

print(Recognizer.load().predict("my-digit.png")[0].label)  # or Recognizer.load("inkwise-small")
```

A name stands for the shipped model wherever it is given as text. A file or folder called `inkwise` in the working
folder is `./inkwise`, or in Python `Path("inkwise")`; the command line says so where there is one.

Both are made by one command, `{command}` (`make models`): it trains each recipe with its seed, measures it,
and writes the files, [their figures](results/shipped.md) and this page. It takes hours. Runs that are trained already
are packaged with `--run FOLDER --small-run FOLDER`, after a check that recipe, seed and data are these. The same
machine and torch give the same weights; others give weights that differ in the last bits, and figures that differ by
chance.
"""


def page() -> str:
    """Return the page as Markdown."""
    cards = {name: _read(name) for name in NAMES}
    rows = [
        f"| `{name}` | {_size(name)} | {parameters:,} | {percent(card.metrics['mnist/test']['accuracy'])} |"
        for name, (card, parameters) in cards.items()
    ]
    table = "\n".join(["| name | file | parameters | right on MNIST's test split |", "|---|---|---|---|", *rows])
    command = next(iter(cards.values()))[0].made_by
    return "\n".join([HEAD.format(table=table, command=command), *(_card(*each) for each in cards.values())])


def _read(name: str) -> tuple[Card, int]:
    """Return a model's card and how many of its weights are learned."""
    weights, card = read_model(file_of(name))
    given = ("running_mean", "running_var", "num_batches_tracked")
    return card, sum(value.numel() for key, value in weights.items() if not key.endswith(given))


def _size(name: str) -> str:
    return f"{file_of(name).stat().st_size / 1000:,.0f} kB"


def _card(card: Card, parameters: int) -> str:
    metrics = card.metrics
    digits = {key: value for key, value in metrics.items() if "accepted" in value}
    rows = [
        f"\n## {card.name}\n",
        _wrapped(card.purpose),
        "",
        *_facts(card, parameters),
        "",
        *digits_table(digits),
        "",
        *_no_digit(metrics),
        "",
        *_pages(metrics),
        robustness_text(metrics["robustness"]),
        "",
        *robustness_table(metrics["robustness"]),
        "",
        "What it cannot do:",
        "",
        *(f"- {limit}" for limit in card.limits),
        "",
    ]
    return "\n".join(rows)


def _facts(card: Card, parameters: int) -> list[str]:
    recipe, epochs, versions = card.recipe, card.metrics["training"]["epochs"], card.versions
    facts = [
        (
            f"Made by `{card.made_by}`: recipe `{recipe['name']}` with seed {recipe['seed']}, {epochs} epochs of "
            f"{_learned_from(recipe)}; Inkwise {versions['inkwise']}, torch {versions['torch']}."
        ),
        f"Size: {_size(card.name)}, {parameters:,} parameters. SHA-256 of the weights: `{card.weights}`.",
        f"Calibration: {_calibration(card)}",
        f"Acceptance: {_rejection(card)}",
        (
            f"Training data: {card.data['name']}, its training images alone; licence {card.licence}; its files, by the "
            "SHA-256 of what they hold:"
        ),
    ]
    files_of = [f"  - `{file}`: `{value}`" for file, value in card.data["hashes"].items()]
    return [*(_wrapped(f"- {fact}", "  ") for fact in facts), *files_of]


def _wrapped(text: str, indent: str = "") -> str:
    return fill(text, 120, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _learned_from(recipe: Mapping[str, Any]) -> str:
    more = {"rewritten": "digits written anew from these", "negatives": "drawn pictures of no digit"}
    drawn = [f"{recipe[field]:,} {what}" for field, what in more.items() if recipe.get(field)]
    held = f"the training images but {recipe['validation']:,}, held out for every choice"
    return ", and of ".join([held, " and ".join(drawn)]) if drawn else held


def _calibration(card: Card) -> str:
    temperature = (card.calibration or {}).get("temperature")
    return "none." if temperature is None else f"temperature {temperature:.4f}, fitted on held-out digits."


def _rejection(card: Card) -> str:
    if card.rejection is None:
        return "every answer is accepted."
    known = card.rejection
    kept = f"{percent(known['accepted'])} of these digits are accepted so" if "accepted" in known else ""
    wrong = f", {percent(known['risk'])} of these wrong" if "risk" in known else ""
    return (
        f"from a chance of {known['digit']:.4f} on that it is one digit, and a confidence of {known['confidence']:.4f} "
        f"in the class; chosen on held-out digits and drawn pictures of none. {kept}{wrong}."
    )


def _no_digit(metrics: Mapping[str, Any]) -> list[str]:
    rows = ["| no digit | family | AUROC | rejected |", "|---|---|---|---|"]
    for key, held in (("drawn pictures of no digit", "learned from"), ("families held out", "held out")):
        rows += [
            f"| {name} | {held} | {each['auroc']:.4f} | {percent(each['rejected'])} |"
            for name, each in metrics[key].items()
            if isinstance(each, Mapping)
        ]
    return rows


def _pages(metrics: Mapping[str, Any]) -> list[str]:
    if "real pages" not in metrics:
        return []
    pages = metrics["real pages"]
    return [
        (
            f"{pages['pages']} real pages: {pages['errors']} of {pages['digits']} digits wrong, {pages['whole']} of "
            f"{pages['numbers']} numbers whole."
        ),
        "",
    ]


def write() -> None:
    """Write the page."""
    files.write(PAGE, page())


if __name__ == "__main__":
    write()
