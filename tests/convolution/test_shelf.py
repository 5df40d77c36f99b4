"""The shelf: every public name is where it says, and what needs no torch is had without it."""

import subprocess
import sys

import pytest

import inkwise.convolution as shelf


def test_the_names_are_these() -> None:
    assert shelf.__all__ == sorted(shelf.__all__)
    assert {
        "as_matrix",
        "choose",
        "convolve",
        "correlate",
        "output_size",
        "pool",
        "receptive_field",
        "transpose",
        "weight_gradient",
    } <= set(shelf.__all__)
    assert dir(shelf) == shelf.__all__


@pytest.mark.parametrize("name", shelf.__all__)
def test_every_name_resolves_and_is_documented(name: str) -> None:
    found = getattr(shelf, name)
    assert found.__name__ == name
    assert found.__doc__


def test_a_name_that_is_not_there_says_so() -> None:
    with pytest.raises(AttributeError, match=r"'inkwise\.convolution' has no attribute 'corelate'"):
        _ = shelf.corelate


def test_sizes_and_receptive_fields_need_no_torch() -> None:
    code = (
        "import sys; from inkwise.convolution import output_size, receptive_field, Window; "
        "output_size(28, 3); receptive_field([Window.of((3,))]); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
