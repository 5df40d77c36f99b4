"""The networks of all recipes, each under the name of one that has it: a published variant often shares its own."""

from inkwise.recipes.registry import get, names

NETWORKS = tuple(
    {(known.network, known.pixels, known.binary): known.name for known in map(get, reversed(names()))}.values()
)
