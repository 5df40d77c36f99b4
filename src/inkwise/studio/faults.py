"""What becomes of errors: one shape of JSON for all, {"error": {"kind": ..., "message": ...}}, one sentence each.

An expected error, a picture that cannot be read say, is an answer with a sentence in it, and has status 200: the page
shows it, and the browser's console stays empty. What the door refuses has the status that HTTP knows for it. Anything
else is said to be a defect of ours, and its traceback goes to the terminal, not to the page.
"""

from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from inkwise.errors import InkwiseError

if TYPE_CHECKING:
    from collections.abc import Mapping


def fault(status: int, kind: str, message: str, headers: "Mapping[str, str] | None" = None) -> JSONResponse:
    """Return an error as the page expects it."""
    return JSONResponse({"error": {"kind": kind, "message": message}}, status, headers)


def tell_faults(app: FastAPI) -> None:
    """Make `app` answer every error in that shape."""
    app.add_exception_handler(InkwiseError, _expected)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(Exception, _unexpected)


def _expected(_request: Request, error: Exception) -> JSONResponse:
    return fault(200, type(error).__name__, str(error))


def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    parts = (f"{'.'.join(map(str, each['loc'][1:]))}: {each['msg']}" for each in error.errors())
    return fault(400, "UsageError", f"The request is not as it should be: {'; '.join(parts)}.")


def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return fault(404, "NotFound", f"There is nothing at {request.url.path}.")
    return fault(error.status_code, "Refused", f"{error.detail}.", error.headers)


def _unexpected(_request: Request, error: Exception) -> JSONResponse:
    message = f"Unexpected {type(error).__name__}: {error}. This is a defect of Inkwise; the terminal shows more."
    return fault(500, "Defect", message)
