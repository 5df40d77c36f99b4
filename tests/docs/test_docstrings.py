"""Every example in a docstring gives what it shows."""

import doctest
import pkgutil
from importlib import import_module

import pytest

import inkwise

MODULES = sorted(
    name for _, name, _ in pkgutil.walk_packages(inkwise.__path__, "inkwise.") if not name.endswith("__main__")
)
FINDER = doctest.DocTestFinder(exclude_empty=True)


def examples(module: str) -> list[doctest.DocTest]:
    return [test for test in FINDER.find(import_module(module)) if test.examples]


@pytest.mark.parametrize("module", MODULES)
def test_examples_give_what_they_show(module: str) -> None:
    for test in examples(module):
        said: list[str] = []
        failed, _ = doctest.DocTestRunner(verbose=False).run(test, out=said.append)
        assert not failed, "".join(said)


def test_there_are_examples() -> None:
    assert sum(len(examples(module)) for module in MODULES) >= 10
