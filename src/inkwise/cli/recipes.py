"""`inkwise recipes`: what can be trained, and one recipe layer by layer."""

from typing import TYPE_CHECKING, Annotated, Any, Final

from cyclopts import Parameter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.table import Table

    from inkwise.models.summary import Row, Summary
    from inkwise.recipes.recipe import Recipe

_PUBLISHED: Final = "@published"
_WIDE: Final = 116  # columns from which the formulas have room beside the layers


def recipes(
    name: str | None = None,
    /,
    *,
    json: Annotated[bool, Parameter(negative="")] = False,
    toml: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """List the recipes, or show one: its settings, and its layers with shapes, parameters and what they see.

    The numbers of a layer come from its line by formula, and are checked against the real network.

    Example: inkwise recipes small-cnn

    Args:
        name: A recipe's name (NAME, or NAME@published), a .toml file, or a .py file with a Recipe.
        json: Print JSON.
        toml: Print the named recipe as TOML, every setting with what it means: the start of one's own.
    """
    from inkwise.cli.console import print_json
    from inkwise.errors import UsageError
    from inkwise.recipes import registry
    from inkwise.recipes.load import resolve, to_toml

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


def _summary(recipe: "Recipe") -> "Summary":
    """Return the summary, by formula where the recipe has lines and by a run where it names a builder."""
    from inkwise.models.summary import summarise, summarise_module

    if isinstance(recipe.network, str):
        from inkwise.models.network import build

        return summarise_module(build(recipe.network, classes=_outputs(recipe), pixels=recipe.pixels))
    return summarise(recipe.network, _outputs(recipe))


def _checked(recipe: "Recipe") -> "Summary":
    from inkwise.models.network import build
    from inkwise.models.summary import check

    summary = _summary(recipe)
    if not isinstance(recipe.network, str):
        check(summary, build(recipe.network, classes=_outputs(recipe), pixels=recipe.pixels))
    return summary


def _outputs(recipe: "Recipe") -> int:
    """Return how many values the network gives; a dataset that is not read yet counts as ten digits."""
    return 1 if recipe.binary else 10


def _brief(recipe: "Recipe", summary: "Summary") -> dict[str, Any]:
    return {
        "name": recipe.name,
        "title": recipe.title,
        "parameters": summary.parameters,
        "multiply_adds": summary.multiply_adds,
        "claimed": recipe.claim.text if recipe.claim else None,
        "epochs": recipe.epochs,
    }


def _full(recipe: "Recipe", summary: "Summary") -> dict[str, Any]:
    from dataclasses import asdict

    return {
        **_brief(recipe, summary),
        "recipe": recipe.model_dump(mode="json"),
        "layers": [{**asdict(row), "sees": _clipped(row, summary)} for row in summary.rows],
    }


def _print_list(summaries: "list[tuple[Recipe, Summary]]") -> None:
    from inkwise.cli.console import out

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
    console.print(table)
    console.print(f"As published, with their defects: {', '.join(published)}.")
    console.print("Layer by layer: inkwise recipes NAME. To start your own: inkwise recipes NAME --toml > mine.toml")


def _print_one(recipe: "Recipe", summary: "Summary") -> None:
    from rich.markup import escape
    from rich.table import Table

    from inkwise.cli.console import out

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
    console.print("\nLayers", *_layers(summary, wide=console.width >= _WIDE), sep="\n")
    how = "measured by a run" if isinstance(recipe.network, str) else "by formula and checked against the real network"
    console.print(
        f"{summary.parameters:,} parameters, {summary.multiply_adds:,} multiply-adds for an image, {how}. "
        "A value sees that many pixels of the image."
    )


def _changed(recipe: "Recipe") -> list[tuple[str, str, str]]:
    """Return name, value as in TOML, and comment of each setting of the training that is not its default."""
    from inkwise.recipes.fields import fields
    from inkwise.recipes.load import setting_to_toml

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


def _layers(summary: "Summary", *, wide: bool) -> "Iterator[Table]":
    """Yield the layers as one table, or with the formulas in a second one where the terminal is narrow."""
    from inkwise.models.shape import spelled

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


def _table(*headings: str) -> "Table":
    """Return an empty table; a heading that begins with > is of numbers, and stands to the right."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0), collapse_padding=True)
    for heading in headings:
        table.add_column(heading.removeprefix(">"), justify="right" if heading.startswith(">") else "left")
    return table


def _clipped(row: "Row", summary: "Summary") -> tuple[int, int] | None:
    """Return the receptive field's height and width, at most the image's."""
    if row.sight is None:
        return None
    height, width = row.sight.size
    return min(height, summary.input_shape[-2]), min(width, summary.input_shape[-1])
