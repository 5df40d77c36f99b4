"""The view Convolution: one signal over another, a kernel over an image, place by place, and the same as a matrix."""

from math import prod
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from inkwise.studio.given import Model, Models, Picture
from inkwise.studio.library import Library
from inkwise.studio.operands import MOST, read_kernel, read_numbers, read_picture, read_second, signals, trained_layers
from inkwise.studio.view import View

if TYPE_CHECKING:
    from inkwise.explain.demonstration.operation import Operation
    from inkwise.explain.demonstration.spread import Spread

_TABLE = 40_000  # values of a matrix, at most

router = APIRouter(prefix="/api/convolution")
VIEW = View(
    "convolution",
    "Convolution",
    "Slide a kernel over a signal or an image and see every product",
    "M4 4h16v16H4z M4 9.3h16 M4 14.6h16 M9.3 4v16 M14.600 4v16 M4 4h10.600v10.600H4z",
    router,
)


class Asked(BaseModel):
    """How one thing slides over another, in the words of the page's address."""

    model_config = ConfigDict(extra="forbid")

    mode: str = "valid"
    padding: Annotated[int, Field(ge=0, le=16)] | None = None
    padding_mode: str = "zeros"
    stride: Annotated[int, Field(ge=1, le=16)] = 1
    dilation: Annotated[int, Field(ge=1, le=16)] = 1

    @property
    def sliding(self) -> dict[str, Any]:
        """The same as arguments of `correlate`: a padding stands in place of a mode."""
        given = self.model_dump()
        return given | {"mode": "valid"} if self.padding is not None else given


class Line(Asked):
    """A signal over a signal."""

    x: str
    h: str = ""
    operation: Literal["convolution", "correlation", "auto"] = "convolution"


class Plane(Asked):
    """A kernel over an image; `place` is the row and the column that are looked at."""

    model: str = ""
    source: Literal["drawing", "picture", "numbers"] = "drawing"
    image: str = ""
    kernel: str = "sobel-x"
    operation: Literal["convolution", "correlation", "transposed"] = "correlation"
    place: str = "0,0"


@router.get("/choices")
def choices() -> dict[str, Any]:
    """List the kernels and signals that have a name, and the modes."""
    from inkwise.convolution.setting import MODES, PADDING_MODES
    from inkwise.explain.demonstration.listing import kernel_dicts

    return {"kernels": kernel_dicts(), "signals": signals(), "modes": MODES, "padding_modes": PADDING_MODES}


@router.get("/layers")
def layers(recognizer: Model) -> dict[str, Any]:
    """List the layers of a model whose kernels can be slid over an image."""
    return {"layers": trained_layers(recognizer)}


@router.get("/line")
def line(asked: Annotated[Line, Query()]) -> JSONResponse:
    """Slide one signal over another: everything at once, each place with its products."""
    operation = _line(asked)
    shift = asked.dilation * (operation.setting.kernel[0] - 1) if operation.rotate else 0
    steps = [operation.step(place) for place in range(len(operation.walk))]
    told = operation.to_dict([])
    return JSONResponse(
        {
            **told,
            "lies": operation.walk.kernel[0, 0].tolist(),
            "padded": operation.walk.padded[0].tolist(),
            "before": operation.setting.pads[0][0],
            "symmetric": operation.symmetric,
            "steps": [
                {
                    "origin": step.origin[0],
                    "index": step.origin[0] + shift,  # where the second signal's first value lies: the time or the lag
                    "patch": step.patch[0].tolist(),
                    "products": step.products[0].tolist(),
                    "total": step.total.item(),
                }
                for step in steps
            ],
        }
    )


@router.post("/plane")
def plane(asked: Annotated[Plane, Query()], models: Models, picture: Picture) -> JSONResponse:
    """Slide a kernel over an image, or spread an image by one: what goes in, what comes out, the size formula."""
    from inkwise.explain.demonstration.spread import Spread

    found, names = _plane(asked, models, picture)
    if isinstance(found, Spread):
        return JSONResponse({**found.to_dict(), **names})
    about = {
        "padded": found.walk.padded[0].tolist(),
        "lies": found.walk.kernel[0, 0].tolist(),
        "symmetric": found.symmetric,
    }
    return JSONResponse({**found.to_dict([]), **about, **names})


@router.post("/place")
def place(asked: Annotated[Plane, Query()], models: Models, picture: Picture) -> JSONResponse:
    """Return what happens at one place: the window, the products and their sum; or what one value adds where."""
    from inkwise.explain.demonstration.spread import Spread

    found, _ = _plane(asked, models, picture)
    at = _place(asked.place)
    if isinstance(found, Spread):
        return JSONResponse(
            {
                "at": at,
                "origin": found.origin(at),
                "products": found.products(at).tolist(),
                "value": found.image[(0, 0, *at)].item(),
                "so_far": found.so_far(at).tolist(),
            }
        )
    step = found.step(found.place(at))
    return JSONResponse(
        {
            "at": at,
            "origin": step.origin,
            "start": step.start,
            "patch": step.patch[0].tolist(),
            "products": step.products[0].tolist(),
            "total": step.total.item(),
        }
    )


@router.get("/line/matrix")
def line_matrix(asked: Annotated[Line, Query()]) -> JSONResponse:
    """Return the same convolution of signals as a matrix."""
    return JSONResponse(_matrix(_line(asked)))


@router.post("/plane/matrix")
def plane_matrix(asked: Annotated[Plane, Query()], models: Models, picture: Picture) -> JSONResponse:
    """Return the same convolution of an image as a matrix."""
    return JSONResponse(_matrix(_plane(asked, models, picture)[0]))


def _line(asked: Line) -> "Operation":
    from inkwise.explain.demonstration.operation import operate

    first = read_numbers(asked.x, "The first signal", 1, MOST)
    second = first if asked.operation == "auto" else read_second(asked.h)
    sliding = {name: value for name, value in asked.sliding.items() if name not in {"x", "h", "operation"}}
    return operate(first.values, second.values, rotate=asked.operation == "convolution", **sliding)


def _plane(asked: Plane, models: Library, picture: bytes) -> "tuple[Operation | Spread, dict[str, str]]":
    from inkwise.explain.demonstration.operation import operate
    from inkwise.explain.demonstration.spread import spread

    if asked.source == "numbers":
        image = read_numbers(asked.image, "The image", 2, MOST)
    else:
        image = read_picture(picture, seen=asked.source == "drawing")
    kernel = read_kernel(asked.kernel, lambda: models.get(asked.model or models.default()))
    sliding = {name: value for name, value in asked.sliding.items() if name in Asked.model_fields}
    names = {"input_name": image.name, "kernel_name": kernel.name}
    if asked.operation == "transposed":
        return spread(image.values, kernel.values, **sliding), names
    return operate(image.values, kernel.values, rotate=asked.operation == "convolution", **sliding), names


def _place(text: str) -> tuple[int, ...]:
    from inkwise.errors import UsageError

    try:
        return tuple(int(word) for word in text.split(","))
    except ValueError as error:
        raise UsageError(f"The place is {text!r}; give a row and a column as 3,4.") from error


def _matrix(found: "Operation | Spread") -> dict[str, Any]:
    """Return the matrix with which the input, laid flat, is multiplied; its size alone where that is too large."""
    from inkwise.convolution.matrix import as_matrix
    from inkwise.explain.demonstration.spread import Spread

    setting, turned = found.setting, isinstance(found, Spread)
    kernel = found.kernel if isinstance(found, Spread) else found.walk.kernel
    rows, columns = prod(setting.output_size), prod(setting.space)
    shape = (columns, rows) if turned else (rows, columns)
    if rows * columns > _TABLE:
        return {"shape": shape, "most": _TABLE, "rows": None}
    matrix = as_matrix(
        kernel,
        setting.space,
        padding=setting.pads,
        padding_mode=setting.padding_mode,
        stride=setting.stride,
        dilation=setting.dilation,
    ).to_dense()
    matrix = matrix.T if turned else matrix
    given, result = found.image.flatten(), found.result.flatten()
    return {
        "shape": shape,
        "most": _TABLE,
        "rows": matrix.tolist(),
        "input": given.tolist(),
        "result": result.tolist(),
        "difference": float((matrix.double() @ given.double() - result.double()).abs().max()),
    }
