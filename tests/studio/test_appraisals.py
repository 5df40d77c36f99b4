import pytest
from tests.studio_server import Served

from inkwise.errors import UnknownName, UsageError
from inkwise.experiment.assessment import assess
from inkwise.studio.appraisals import Appraisals, datasets, split_of


def test_a_split_is_answered_once_and_as_the_command_line_does(served: Served) -> None:
    appraisals, recognizer = Appraisals(), served.library.get("run:tiny")
    first = appraisals.get(recognizer, "uci-digits", "test")
    assert first.evaluation == assess(recognizer, "uci-digits", "test")
    assert appraisals.get(recognizer, "uci-digits", "test") is first
    assert appraisals.get(recognizer, "uci-digits", "validation") is not first


def test_no_path_is_taken_for_a_dataset(served: Served) -> None:
    recognizer = served.library.get("run:tiny")
    with pytest.raises(UnknownName, match="There is no dataset 'folder:/etc'"):
        Appraisals().get(recognizer, "folder:/etc", "test")
    with pytest.raises(UsageError, match="There is no split 'best'"):
        split_of(recognizer, "uci-digits", "best")


def test_the_packaged_digits_are_always_there() -> None:
    assert {"name": "uci-digits", "here": True} in [{key: each[key] for key in ("name", "here")} for each in datasets()]
