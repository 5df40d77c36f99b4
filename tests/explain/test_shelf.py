"""The shelf: every public name is where it says, and recording draws nothing in."""

import subprocess
import sys

import pytest

import inkwise.explain as shelf


def test_the_names_are_sorted_and_all_there_is() -> None:
    assert shelf.__all__ == sorted(shelf.__all__) == dir(shelf)
    assert {"boxes", "draw", "explain_value", "grad_cam", "most_exciting", "record", "render"} <= set(shelf.__all__)


@pytest.mark.parametrize("name", shelf.__all__)
def test_every_name_resolves_and_is_documented(name: str) -> None:
    found = getattr(shelf, name)
    assert found.__name__ == name
    assert found.__doc__


def test_a_name_that_is_not_there_says_so() -> None:
    with pytest.raises(AttributeError, match=r"'inkwise\.explain' has no attribute 'recrod'"):
        _ = shelf.recrod


def test_the_arithmetic_needs_no_pictures() -> None:
    code = (
        "import sys; from inkwise.explain import boxes, explain_value, record, render; "
        "sys.exit('matplotlib' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
