"""What the tests of the convolution share."""

import pytest


@pytest.fixture(scope="session", params=["direct", "im2col", "fft"])
def algorithm(request: pytest.FixtureRequest) -> str:
    """Each of the three algorithms in turn."""
    name: str = request.param
    return name
