"""A model appraised: the same figures as an assessment, robustness where asked for, and a report of both."""

from pathlib import Path

import pytest

from inkwise.experiment.appraisal import Appraisal, appraise
from inkwise.experiment.assessment import assess
from inkwise.experiment.experiment import Outcome
from inkwise.recognizer import Recognizer


@pytest.fixture(scope="module")
def model(finished: Outcome) -> Recognizer:
    return Recognizer.load(finished.run.folder)


@pytest.fixture(scope="module")
def appraisal(model: Recognizer) -> Appraisal:
    return appraise(model, "uci-digits", "validation", robustness=True)


def test_the_evaluation_is_that_of_an_assessment(model: Recognizer, appraisal: Appraisal) -> None:
    assert appraisal.evaluation == assess(model, "uci-digits", "validation")
    assert appraise(model, "uci-digits").robustness is None


def test_clean_images_are_answered_as_in_the_evaluation_and_corrupted_ones_worse(appraisal: Appraisal) -> None:
    robustness = appraisal.robustness
    assert robustness is not None
    assert (robustness.dataset, robustness.split, robustness.n) == ("uci-digits", "validation", 97)
    assert robustness.clean.errors == appraisal.evaluation.errors
    assert robustness.clean.ece == pytest.approx(appraisal.evaluation.ece)
    assert len(robustness.levels) == 45
    for name in ("noise", "contrast", "rotation"):
        assert robustness.of(name)[-1].accuracy < robustness.clean.accuracy - 0.1


def test_the_report_has_what_was_appraised(tmp_path: Path, model: Recognizer, finished: Outcome) -> None:
    appraisal = appraise(model, "uci-digits", "validation")
    page = appraisal.write_report(tmp_path / "report", model)
    text = page.read_text(encoding="utf-8")
    assert f"{appraisal.evaluation.errors} errors of 97" in text
    assert "uci-digits, validation split" in text
    assert (page.parent / "confusion.csv").is_file()
