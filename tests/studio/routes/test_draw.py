import io
from base64 import b64decode

import httpx
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from tests.studio_server import Served

from inkwise.data.image import load_grey
from inkwise.data.load import load
from inkwise.data.normaliser import normalise, stages
from inkwise.evaluation.phrases import chance

Pixels = npt.NDArray[np.uint8]
TINY = {"model": "run:tiny"}


def pgm(pixels: Pixels) -> bytes:
    """A grey picture file as the page sends it."""
    return f"P5 {pixels.shape[1]} {pixels.shape[0]} 255\n".encode() + pixels.tobytes()


@pytest.fixture(scope="module")
def seven() -> bytes:
    """A seven on paper, 256 x 256 and dark on white."""
    split = load("uci-digits").split("test")
    digit = split.images[split.labels == 7][0, 0].numpy()
    large = Image.fromarray(255 - digit).resize((256, 256), Image.Resampling.BICUBIC)
    return pgm(np.asarray(large))


def test_the_answer_is_that_of_the_library_to_the_last_digit(
    client: httpx.Client, served: Served, seven: bytes
) -> None:
    answer = client.post("/api/draw/answer", params=TINY, content=seven).json()
    expected = served.library.get("run:tiny").predict(seven)[0]
    assert answer["label"] == expected.label
    assert answer["confidence"] == expected.confidence
    assert answer["said"] == chance(expected.confidence)
    assert (answer["accepted"], answer["reason"]) == (expected.accepted, expected.reason)
    assert [each["name"] for each in answer["classes"]] == list("0123456789")
    assert [each["probability"] for each in answer["classes"]] == list(expected.probabilities)
    assert answer["seconds"] > 0


def test_what_the_network_saw_is_what_the_normaliser_made(client: httpx.Client, seven: bytes) -> None:
    answer = client.post("/api/draw/answer", params=TINY, content=seven).json()
    form = normalise(load_grey(seven))
    seen = np.frombuffer(b64decode(answer["seen"]["pixels"]), np.uint8).reshape(28, 28)
    assert np.array_equal(seen, form.image)
    assert answer["why"] == form.why


def test_without_ink_there_is_no_answer_but_a_reason(client: httpx.Client) -> None:
    answer = client.post("/api/draw/answer", params=TINY, content=pgm(np.full((256, 256), 255, np.uint8))).json()
    assert answer["blank"]
    assert not answer["accepted"]
    assert answer["reason"] == "no ink found"


def test_every_stage_is_shown_as_the_normaliser_has_it(client: httpx.Client, seven: bytes) -> None:
    told = client.post("/api/draw/stages", content=seven).json()["stages"]
    expected = stages(load_grey(seven))
    assert [(each["name"], each["text"]) for each in told] == [(each.name, each.text) for each in expected]
    for each, stage in zip(told, expected, strict=True):
        picture = np.asarray(Image.open(io.BytesIO(b64decode(each["png"]))))
        assert np.array_equal(picture, stage.image)
        assert (each["height"], each["width"]) == stage.image.shape


def test_a_large_picture_is_shown_smaller(client: httpx.Client) -> None:
    paper = np.full((900, 1200), 255, np.uint8)
    paper[200:700, 500:560] = 0
    told = client.post("/api/draw/stages", content=pgm(paper)).json()["stages"]
    assert max(max(each["width"], each["height"]) for each in told) <= 512
    assert (told[0]["width"], told[0]["height"]) == (512, 384)
    assert told[0]["text"] == "1200 x 900 pixels"


@pytest.mark.parametrize("body", [b"", b"no picture", b"P5 20000 20000 255\n"])
@pytest.mark.parametrize("path", ["answer", "stages"])
def test_what_is_no_picture_is_refused_in_the_librarys_words(client: httpx.Client, path: str, body: bytes) -> None:
    answer = client.post(f"/api/draw/{path}", params=TINY, content=body)
    assert answer.json()["error"]["kind"] == "ImageError"


def test_a_test_digit_is_the_one_asked_for(client: httpx.Client) -> None:
    split = load("uci-digits").split("test")
    told = client.get("/api/draw/digit", params={"dataset": "uci-digits", "index": 17}).json()
    assert (told["dataset"], told["index"], told["of"]) == ("uci-digits", 17, 500)
    assert told["label"] == str(int(split.labels[17]))
    picture = np.asarray(Image.open(io.BytesIO(b64decode(told["png"]))))
    assert np.array_equal(255 - picture, split.images[17, 0].numpy())


def test_test_digits_at_random_differ(client: httpx.Client) -> None:
    told = [client.get("/api/draw/digit", params={"dataset": "uci-digits"}).json()["index"] for _ in range(6)]
    assert len(set(told)) > 1
    assert all(0 <= index < 500 for index in told)


@pytest.mark.parametrize(
    ("query", "kind", "sentence"),
    [
        ({"dataset": "uci-digits", "index": 500}, "UsageError", "has the images 0 to 499; there is no 500."),
        ({"dataset": "folder:/etc"}, "UnknownName", "There is no dataset 'folder:/etc'."),
    ],
)
def test_a_digit_that_is_not_there_is_refused(
    client: httpx.Client, query: dict[str, str | int], kind: str, sentence: str
) -> None:
    answer = client.get("/api/draw/digit", params=query)
    assert answer.json()["error"]["kind"] == kind
    assert sentence in answer.json()["error"]["message"]
