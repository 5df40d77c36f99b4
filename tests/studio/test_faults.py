import asyncio

import httpx
import pytest
from fastapi import FastAPI

from inkwise.errors import ImageError, RunError, UnknownName, UsageError
from inkwise.studio.faults import tell_faults


def fault_of(kind: str) -> httpx.Response:
    """What an application answers whose one route raises what it is asked for."""
    app = FastAPI()
    tell_faults(app)
    raised = {
        "usage": UsageError("Wrong."),
        "unknown": UnknownName("model", "fsat", ["fast"]),
        "image": ImageError("No picture."),
        "run": RunError("Busy."),
        "defect": ZeroDivisionError("division by zero"),
    }

    @app.get("/{kind}")
    def fail(kind: str) -> None:
        raise raised[kind]

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://studio") as client:
            return await client.get(f"/{kind}")

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("kind", "status", "name", "message"),
    [
        ("usage", 200, "UsageError", "Wrong."),
        ("unknown", 200, "UnknownName", "There is no model 'fsat'. Did you mean 'fast'?"),
        ("image", 200, "ImageError", "No picture."),
        ("run", 200, "RunError", "Busy."),
        (
            "defect",
            500,
            "Defect",
            "Unexpected ZeroDivisionError: division by zero. This is a defect of Inkwise; the terminal shows more.",
        ),
    ],
)
def test_every_error_has_one_shape(kind: str, status: int, name: str, message: str) -> None:
    answer = fault_of(kind)
    assert answer.status_code == status
    assert answer.json() == {"error": {"kind": name, "message": message}}


def test_what_is_not_there_or_not_allowed_has_it_too(client: httpx.Client) -> None:
    missing = client.get("/api/none")
    assert missing.json() == {"error": {"kind": "NotFound", "message": "There is nothing at /api/none."}}
    assert client.post("/api/health").json()["error"]["kind"] == "Refused"
    wrong = client.get("/api/draw/digit", params={"index": "-1"})
    assert wrong.status_code == 400
    assert wrong.json()["error"]["message"].startswith("The request is not as it should be: index: ")
