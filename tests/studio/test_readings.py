import numpy as np
from tests.studio_server import Served
from tests.studio_sheets import sheet

from inkwise.data.frames import read_frames
from inkwise.reading.reader import read_pages
from inkwise.studio.readings import Readings


def test_a_page_is_read_once_and_as_the_library_does(served: Served) -> None:
    readings, recognizer, file = Readings(), served.library.get("run:tiny"), sheet("30 71")
    frame = next(iter(read_frames(file)))
    first = readings.get(recognizer, file, 1, frame)
    assert first == next(iter(read_pages(frame, recognizer)))
    assert readings.get(recognizer, file, 1, np.zeros_like(frame)) is first


def test_another_file_page_or_model_is_another_reading(served: Served) -> None:
    readings, tiny, blank = Readings(), served.library.get("run:tiny"), np.full((40, 40), 255, np.uint8)
    other = served.library.get("run:below/tiny")
    found = [
        readings.get(*asked, blank) for asked in ((tiny, b"a", 1), (tiny, b"b", 1), (tiny, b"a", 2), (other, b"a", 1))
    ]
    assert len({id(page) for page in found}) == 4


def test_old_readings_are_forgotten(served: Served) -> None:
    readings, tiny, blank = Readings(), served.library.get("run:tiny"), np.full((40, 40), 255, np.uint8)
    first = readings.get(tiny, b"0", 1, blank)
    for name in range(1, 8):
        readings.get(tiny, bytes([name]), 1, blank)
    assert readings.get(tiny, b"0", 1, blank) is not first
