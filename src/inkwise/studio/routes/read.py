"""The view Read: a page to numbers with their boxes, the stages of its reading, and digits put right by hand."""

import time
from base64 import b64encode
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Request
from fastapi.responses import JSONResponse, Response

from inkwise.studio.given import Model, Picture
from inkwise.studio.readings import Readings
from inkwise.studio.view import View

if TYPE_CHECKING:
    from inkwise.reading.ink import Grey
    from inkwise.reading.page import Page

_SHOWN = 1800  # longer side of a page as it is shown, at most, in pixels

router = APIRouter(prefix="/api/read")
VIEW = View(
    "read",
    "Read",
    "Read the numbers on a page, and put right what was misread",
    "M6 3h9l4 4v14H6z M15 3v4h4 M9 11h7 M9 14.5h7 M9 18h4",
    router,
)


def _readings(request: Request) -> Readings:
    """The readings of this server, made when first asked for."""
    state = request.app.state
    if not hasattr(state, "readings"):
        state.readings = Readings()
    kept: Readings = state.readings
    return kept


Kept = Annotated[Readings, Depends(_readings)]
PageNumber = Annotated[int, Query(ge=1)]


@router.get("/sample")
def sample() -> Response:
    """Return the page that comes with the project, as its own file."""
    from inkwise.data.sample import PAGE

    return Response(PAGE.read_bytes(), media_type="image/jpeg")


@router.post("/page")
def page(recognizer: Model, kept: Kept, picture: Picture, number: PageNumber = 1) -> JSONResponse:
    """Read one page of a file: its lines, how sure each digit is, and the page turned upright as a picture."""
    import numpy as np

    began = time.perf_counter()
    frame, count = _frame(picture, number)
    found = kept.get(recognizer, picture, number, frame)
    upright = np.ascontiguousarray(np.rot90(frame, found.rotation // 90))
    return JSONResponse(
        {
            **_told(found),
            "number": number,
            "pages": count,
            "picture": _shown(upright, ".jpg"),
            "seconds": time.perf_counter() - began,
        }
    )


@router.post("/stages")
def stages(recognizer: Model, kept: Kept, picture: Picture, number: PageNumber = 1) -> JSONResponse:
    """Return what each stage of the reading made of a page."""
    from inkwise.reading.stages import page_stages

    frame, _ = _frame(picture, number)
    found = page_stages(frame, kept.get(recognizer, picture, number, frame))
    return JSONResponse(
        {"stages": [{"name": each.name, "text": each.text, **_shown(each.picture, ".png")} for each in found]}
    )


@router.post("/corrected")
def corrected(
    image: Annotated[str, Body()], number: Annotated[int, Body()], page: Annotated[dict[str, Any], Body()],
    labels: Annotated[dict[int, str], Body()],
) -> JSONResponse:  # fmt: skip
    """Return a page with digits put right by hand, and the files that `inkwise read` would write of it."""
    from pydantic import TypeAdapter, ValidationError

    from inkwise.errors import UsageError
    from inkwise.reading.correction import corrected as put_right
    from inkwise.reading.page import Page
    from inkwise.reading.sheet import to_csv, to_json

    try:
        given = TypeAdapter(Page).validate_python(page)
    except ValidationError as error:
        raise UsageError("This is no page as the Studio gives it; read the page anew.") from error
    found = put_right(given, labels)
    name = image.rpartition("/")[2] or "page"
    return JSONResponse(
        {**_told(found), "csv": to_csv(name, [(number, found)]), "json": to_json(name, [(number, found)])}
    )


def _told(page: "Page") -> dict[str, Any]:
    """A page as the command line tells it, and its confidences in words."""
    from inkwise.evaluation.phrases import chance

    said = [
        {"line": chance(line.confidence), "digits": [chance(digit.confidence) for digit in line.digits]}
        for line in page.lines
    ]
    return {"page": page.to_dict(), "said": said}


def _frame(data: bytes, number: int) -> "tuple[Grey, int]":
    """Return the page of that number as pixels, and how many pages the file has."""
    from itertools import islice

    from inkwise.data.frames import read_frames
    from inkwise.data.image import bytes_of
    from inkwise.data.picture import count_frames, open_picture
    from inkwise.errors import UsageError

    content, name = bytes_of(data)
    file = open_picture(content, name)
    count = count_frames(file) if file.format == "TIFF" else 1
    frame = next(islice(read_frames(data), number - 1, number), None)
    if frame is None:
        raise UsageError(f"There is no page {number}; this file has {count:,}.")
    return frame, count


def _shown(picture: "Grey", kind: str) -> dict[str, Any]:
    """A picture as the page shows it, no larger than it needs."""
    import cv2

    from inkwise.reading.stages import smaller

    small = smaller(picture, _SHOWN)
    coloured = cv2.cvtColor(small, cv2.COLOR_RGB2BGR) if small.ndim == 3 else small
    settings = [cv2.IMWRITE_JPEG_QUALITY, 88] if kind == ".jpg" else [cv2.IMWRITE_PNG_COMPRESSION, 1]
    done, data = cv2.imencode(kind, coloured, settings)
    assert done
    media = "image/jpeg" if kind == ".jpg" else "image/png"
    return {
        "width": small.shape[1],
        "height": small.shape[0],
        "source": f"data:{media};base64,{b64encode(data.tobytes()).decode()}",
    }
