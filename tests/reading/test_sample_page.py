"""The packaged page is read with the packaged model: no data, no training, no network."""

from inkwise.data.sample import PAGE, sample_lines
from inkwise.reading.reader import read_pages
from inkwise.recognizer import Recognizer


def test_the_shipped_model_reads_the_packaged_page() -> None:
    (page,) = read_pages(PAGE, Recognizer.load())
    assert page.rotation == 0
    assert tuple(line.text for line in page.lines) == sample_lines()
