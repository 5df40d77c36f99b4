"""`inkwise recipes`: what can be trained, and one recipe layer by layer."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from inkwise.cli.console import out, print_json
from inkwise.cli.options import Flag
from inkwise.convolution.window import spelled
from inkwise.errors import UsageError
from inkwise.models.summary import Row, Summary, check, summarise, summarise_module
from inkwise.recipes import registry
from inkwise.recipes.fields import fields
from inkwise.recipes.load import resolve, setting_to_toml, to_toml
from inkwise.recipes.recipe import Recipe

_PUBLISHED: Final = "@published"
_ROOMY: Final = 86  # columns in which the list needs no second line
_WIDE: Final = 116  # columns from which the formulas have room beside the layers


def recipes(
    name: str | None = None,
    /,
    *,
    json: Flag = False,
    toml: Flag = False,
) -> None:
    """List the recipes, or show one: its settings, and its layers with shapes, parameters and what they see.

    The numbers of a layer come from its line by formula, and are checked against the real network.

    Example: inkwise recipes small-cnn

    Args:
        name: A recipe's name (NAME, or NAME@published), a .toml file, or a .py file with a Recipe.
        json: Print JSON.
        toml: Print the named recipe as TOML, every setting with what it means: the start of one's own.
    """
    if toml and (name is None or json):
        raise UsageError("--toml prints one recipe, and not as JSON: write `inkwise recipes NAME --toml`.")
    if name is None:
        summaries = [(recipe, _summary(recipe)) for recipe in map(registry.get, registry.names())]
        if json:
            print_json([_brief(recipe, summary) for recipe, summary in summaries])
        else:
            _print_list(summaries)
        return
    recipe = resolve(name)
    if toml:
        print(to_toml(recipe, comments=True), end="")
        return
    summary = _checked(recipe)
    if json:
        print_json(_full(recipe, summary))
    else:
        _print_one(recipe, summary)


def _summary(recipe: Recipe) -> Summary:
    """Return the summary, by formula where the recipe has lines and by a run where it names a builder."""
    if isinstance(recipe.network, str):
        from inkwise.models.network import build

        return summarise_module(build(recipe.network, classes=_outputs(recipe), pixels=recipe.pixels))
    return summarise(recipe.network, _outputs(recipe))


def _checked(recipe: Recipe) -> Summary:
    from inkwise.models.network import build

    summary = _summary(recipe)
    if not isinstance(recipe.network, str):
        # What the last layer gives: of a folder's classes nothing is known before its images are read.
        outputs = summary.rows[-1].output_shape[0]
        check(summary, build(recipe.network, classes=outputs, pixels=recipe.pixels))
    return summary


def _outputs(recipe: Recipe) -> int:
    """Return how many values the network gives; a dataset that is not read yet counts as ten digits."""
    return recipe.outputs(10)


def _brief(recipe: Recipe, summary: Summary) -> dict[str, Any]:
    return {
        "name": recipe.name,
        "title": recipe.title,
        "parameters": summary.parameters,
        "multiply_adds": summary.multiply_adds,
        "claimed": recipe.claim.text if recipe.claim else None,
        "epochs": recipe.epochs,
    }


def _full(recipe: Recipe, summary: Summary) -> dict[str, Any]:
    return {
        **_brief(recipe, summary),
        "recipe": recipe.model_dump(mode="json"),
        "layers": [{**asdict(row), "sees": _clipped(row, summary)} for row in summary.rows],
    }


def _print_list(summaries: list[tuple[Recipe, Summary]]) -> None:
    published = [recipe.name for recipe, _ in summaries if recipe.name.endswith(_PUBLISHED)]
    table = _table("recipe", "what", ">parameters", ">multiply-\nadds", ">claimed", ">epochs")
    for recipe, summary in summaries:
        if recipe.name in published:
            continue
        table.add_row(
            recipe.name,
            recipe.title,
            f"{summary.parameters:,}",
            f"{summary.multiply_adds:,}",
            recipe.claim.text if recipe.claim else "",
            str(recipe.epochs),
        )
    console = out()
    if console.width < _ROOMY:
        table.columns[4].max_width = len("89.891 %")
    console.print(table)
    console.print(f"\nAs published, with their defects: {', '.join(published)}.")
    console.print("Layer by layer: inkwise recipes NAME. To start your own: inkwise recipes NAME --toml > mine.toml")


def _print_one(recipe: Recipe, summary: Summary) -> None:
    console = out()
    console.print(f"[bold]{escape(recipe.name)}[/bold]  {escape(recipe.title)}")
    if recipe.source:
        console.print(escape(recipe.source))
    if recipe.claim:
        rate = recipe.claim.reproduced
        measured = (
            "" if rate is None else f"; its own code gave {f'{100 * rate:.3f}'.removesuffix('0')} % when we ran it"
        )
        console.print(f"Claimed: {escape(recipe.claim.text)} on {recipe.claim.split}{measured}.")
    if recipe.defects:
        console.print("\nDefects")
        lines = Table.grid(padding=(0, 1))
        for defect in recipe.defects:
            lines.add_row("  -", escape(defect))
        console.print(lines)
    console.print("\nSettings that differ from the defaults")
    lines = Table.grid(padding=(0, 2))
    lines.add_column(no_wrap=True)
    for name, value, comment in _changed(recipe):
        lines.add_row(f"  {name} = {escape(value)}", f"[dim]# {escape(comment)}[/dim]" if comment else "")
    console.print(lines)
    for table in _layers(summary, wide=console.width >= _WIDE):
        console.print()
        console.print(table)
    how = "measured by a run" if isinstance(recipe.network, str) else "by formula and checked against the real network"
    console.print(
        f"\n{summary.parameters:,} parameters, {summary.multiply_adds:,} multiply-adds for an image, {how}. "
        "What one value sees is its receptive field: the pixels of the image that can change it."
    )


def _changed(recipe: Recipe) -> list[tuple[str, str, str]]:
    """Return name, value as in TOML, and comment of each setting of the training that is not its default."""
    told = {"name", "title", "source", "defects", "network"}
    changed = []
    for setting in fields():
        if setting.name in told or setting.name.startswith("claim."):
            continue
        value: Any = recipe
        for part in setting.name.split("."):
            value = getattr(value, part)
        if value != setting.default:
            changed.append((setting.name, setting_to_toml(value), setting.comment))
    return changed


def _layers(summary: Summary, *, wide: bool) -> Iterator[Table]:
    """Yield the layers as one table, or with the formulas in a second one where the terminal is narrow."""
    formulas = _table("name", "size by formula")
    headings = ["name", "layer", "output", ">parameters", ">multiply-adds", ">sees"]
    layers = _table(*headings, *(["size by formula"] if wide else []))
    for row in summary.rows:
        sees = _clipped(row, summary)
        cells = (
            row.name,
            row.line,
            spelled(row.output_shape),
            f"{row.parameters:,}" if row.parameters else "",
            f"{row.multiply_adds:,}" if row.multiply_adds else "",
            f"{sees[0]}x{sees[1]}" if sees else "",
        )
        layers.add_row(*cells, *([row.formula] if wide else []))
        if row.formula:
            formulas.add_row(row.name, row.formula)
    yield layers
    if not wide and formulas.row_count:
        yield formulas


def _table(*headings: str) -> Table:
    """Return an empty table; a heading that begins with > is of numbers, and stands to the right."""
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), collapse_padding=True)
    for heading in headings:
        table.add_column(heading.removeprefix(">"), justify="right" if heading.startswith(">") else "left")
    return table


def _clipped(row: Row, summary: Summary) -> tuple[int, int] | None:
    """Return the receptive field's height and width, at most the image's."""
    if row.sight is None:
        return None
    height, width = row.sight.size
    return min(height, summary.input_shape[-2]), min(width, summary.input_shape[-1])
