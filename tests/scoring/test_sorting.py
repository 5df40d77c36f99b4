from hypothesis import given, settings
from hypothesis import strategies as st

from inkwise.scoring.sorting import in_order

NAMES = st.lists(st.text(st.characters(exclude_characters="\0", codec="utf-8")) | st.just("a\nb\udcff"))


@settings(max_examples=30, deadline=None)
@given(NAMES, st.integers(1, 10))
def test_names_come_by_their_bytes_whether_they_fit_into_memory_or_not(names: list[str], run: int) -> None:
    assert list(in_order(iter(names), run=run)) == sorted(
        names, key=lambda name: name.encode("utf-8", "surrogateescape")
    )
