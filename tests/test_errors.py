"""What an unknown name is told: what comes close, whatever its case, or all that is accepted."""

import pytest

from inkwise.errors import UnknownName, hint


@pytest.mark.parametrize("given", ["fft", "FFT", "ftf"])
def test_what_comes_close_is_suggested_as_it_is_written(given: str) -> None:
    assert hint(given, ("direct", "fft")) == " Did you mean 'fft'?"
    assert hint(given, ("direct", "FFT")) == " Did you mean 'FFT'?"


def test_where_nothing_is_close_all_are_named() -> None:
    assert str(UnknownName("mode", "xyz", ("valid", "same"))) == "There is no mode 'xyz'. Accepted: same, valid."
