"""The application: the page, its files, the routes of every view, errors in one shape, and the door in front.

    app = create_app(Library(Path("runs")), Address("127.0.0.1", 8628))

FastAPI's own pages are off: they would load from elsewhere.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from fastapi.responses import FileResponse
from starlette.middleware import Middleware
from starlette.staticfiles import StaticFiles

from inkwise.studio.address import Address
from inkwise.studio.faults import tell_faults
from inkwise.studio.guard import MAX_BODY, Guard
from inkwise.studio.library import Library
from inkwise.studio.routes import common
from inkwise.studio.view import View
from inkwise.studio.views import VIEWS
from inkwise.studio.warmth import Warmth

STATIC: Final = Path(__file__).with_name("static")


def create_app(
    library: Library, address: Address, *, views: tuple[View, ...] = VIEWS, max_body: int = MAX_BODY
) -> FastAPI:
    """Return the application.

    Args:
        library: The models it offers.
        address: Where it will listen: requests for other names are refused.
        views: What it shows, in order.
        max_body: Bytes that a request may bring.
    """
    warmth = Warmth(library)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        warmth.begin()
        yield

    app = FastAPI(
        title="Inkwise Studio",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=lifespan,
        middleware=[Middleware(Guard, address=address, max_body=max_body)],
    )
    app.state.library, app.state.views, app.state.warmth = library, views, warmth
    tell_faults(app)
    app.include_router(common.router)
    for view in views:
        app.include_router(view.router)

    @app.get("/")
    def page() -> FileResponse:
        return FileResponse(STATIC / "index.html")

    app.mount("/static", StaticFiles(directory=STATIC))
    return app
