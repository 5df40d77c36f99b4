import io
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from inkwise.errors import ImageError, UsageError
from inkwise.models.ensemble import Ensemble
from inkwise.models.network import build
from inkwise.recipes import registry
from inkwise.recognizer import Recognizer
from inkwise.studio import recordings
from inkwise.studio.recordings import Recordings
from inkwise.studio.untrained import untrained


@pytest.fixture(scope="module")
def recognizer(runs: Path) -> Recognizer:
    return Recognizer.load(runs / "tiny")


def stroke(row: int) -> bytes:
    paper = np.full((64, 64), 255, np.uint8)
    paper[10:50, row : row + 6] = 0
    file = io.BytesIO()
    Image.fromarray(paper).save(file, "png")
    return file.getvalue()


def test_a_picture_is_recorded_once(recognizer: Recognizer) -> None:
    kept = Recordings()
    first = kept.get(recognizer, stroke(20))
    assert kept.get(recognizer, stroke(20)) is first
    assert kept.get(recognizer, stroke(30)) is not first
    assert first.reason is None
    torch.testing.assert_close(first.activations.image, first.image.float() / 255)


def test_another_model_is_recorded_anew(recognizer: Recognizer) -> None:
    kept = Recordings()
    other = untrained(registry.get("small-cnn"))
    assert kept.get(other, stroke(20)).network is other.network
    assert kept.get(recognizer, stroke(20)).network is recognizer.network


def test_the_oldest_is_forgotten(recognizer: Recognizer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recordings, "_KEPT", 2)
    kept = Recordings()
    first = kept.get(recognizer, stroke(10))
    kept.get(recognizer, stroke(20))
    assert kept.get(recognizer, stroke(10)) is first
    kept.get(recognizer, stroke(30))
    kept.get(recognizer, stroke(40))
    assert kept.get(recognizer, stroke(10)) is not first


def test_no_picture_is_an_image_without_ink(recognizer: Recognizer) -> None:
    assert Recordings().get(recognizer, b"").image.sum() == 0


def test_of_an_ensemble_one_network_is_recorded(recognizer: Recognizer) -> None:
    model = untrained(registry.get("small-cnn"))
    both = Ensemble(build(model.recipe.network, classes=10) for _ in range(2))
    several = Recognizer(both, model.card, model.recipe)
    kept = Recordings()
    assert kept.get(several, b"", 1).network is both.networks[1]
    with pytest.raises(UsageError, match=r"There is no network 2; this model has the networks 0 to 1\."):
        kept.get(several, b"", 2)
    with pytest.raises(UsageError, match=r"There is no network 1; this model has the networks 0 to 0\."):
        kept.get(recognizer, b"", 1)


def test_what_is_no_picture_is_refused(recognizer: Recognizer) -> None:
    with pytest.raises(ImageError):
        Recordings().get(recognizer, b"no picture")
