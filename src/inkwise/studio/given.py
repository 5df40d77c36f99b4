"""What routes are given: the models, and the bytes of a picture.

@router.post("/answer")
def answer(recognizer: Model, picture: Picture) -> JSONResponse: ...
"""

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Request

from inkwise.studio.library import Library

if TYPE_CHECKING:
    from inkwise.recognizer import Recognizer


def _library(request: Request) -> Library:
    library: Library = request.app.state.library
    return library


def _model(models: Annotated[Library, Depends(_library)], model: str = "") -> "Recognizer":
    return models.get(model or models.default())


async def _picture(request: Request) -> bytes:
    return await request.body()


Models = Annotated[Library, Depends(_library)]
# The model that the query names (?model=run:fast), or the default one; Any as its room is imported late.
Model = Annotated[Any, Depends(_model)]
# The body as it was sent: the bytes of an image file. The guard has counted them.
Picture = Annotated[bytes, Depends(_picture)]
