"""The view Train: a recipe's form, trainings begun, stopped and resumed, followed live, and their epochs replayed."""

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from inkwise.errors import InkwiseError
from inkwise.studio.given import Models, Picture
from inkwise.studio.recordings import Recordings
from inkwise.studio.replays import Replays, moments
from inkwise.studio.trainings import Trainings, about, check
from inkwise.studio.view import View

if TYPE_CHECKING:
    from torch.nn import Module

_LAYERS = 4  # whose maps are shown of an epoch, spread evenly
_IDENTITY = ("name", "title", "source", "defects")  # of a recipe, and its claim: not for a form

router = APIRouter(prefix="/api/train")
VIEW = View(
    "train",
    "Train",
    "Train a recipe and follow how it learns",
    "M4 19h16 M4 19V5 M6.5 8c2.500 6 5 8 12.500 8.600",
    router,
)

Words = dict[Annotated[str, Field(max_length=60)], Annotated[str, Field(max_length=4_000)]]


class Wanted(BaseModel):
    """A recipe by its name, and fields of it that are set, as they would be typed."""

    model_config = ConfigDict(extra="forbid")

    recipe: str
    fields: Annotated[Words, Field(max_length=80)] = {}


def _trainings(request: Request) -> Trainings:
    """The trainings of this server, made when first asked for."""
    state = request.app.state
    if not hasattr(state, "trainings"):
        state.trainings = Trainings(state.library)
    kept: Trainings = state.trainings
    return kept


def _replays(request: Request) -> tuple[Replays, Recordings]:
    state = request.app.state
    if not hasattr(state, "replays"):
        state.replays = (Replays(), Recordings())
    kept: tuple[Replays, Recordings] = state.replays
    return kept


Running = Annotated[Trainings, Depends(_trainings)]
Kept = Annotated[tuple[Replays, Recordings], Depends(_replays)]
Epoch = Annotated[int, Query(ge=0)]


@router.get("/recipes")
def recipes() -> dict[str, Any]:
    """List the recipes that can be trained, and the datasets that they can be trained on."""
    from inkwise.data.registry import SOURCES
    from inkwise.recipes import registry

    named = [registry.get(name) for name in registry.names()]
    return {"recipes": [{"name": each.name, "title": each.title} for each in named], "datasets": list(SOURCES)}


@router.get("/form")
def form(recipe: str) -> dict[str, Any]:
    """Return every field of a recipe: its help, what it accepts, its JSON schema, and what this recipe has."""
    from inkwise.recipes import registry
    from inkwise.recipes.fields import fields

    values = registry.get(recipe).model_dump(mode="json")
    told = []
    for setting in fields():
        group, _, last = setting.name.rpartition(".")
        if setting.name in _IDENTITY or group == "claim":
            continue
        value = (values[group] if group else values)[last]
        told.append(
            {
                "name": setting.name,
                "help": setting.comment,
                "accepts": setting.accepts,
                "schema": setting.schema,
                "value": _typed(value),
            }
        )
    return {"recipe": recipe, "fields": told}


@router.post("/check")
def check_fields(wanted: Wanted) -> dict[str, Any]:
    """Say what is wrong with a recipe and its fields, if anything, without training."""
    check(wanted.recipe, wanted.fields)
    return {"fine": True}


@router.post("/start")
def start(wanted: Wanted, trainings: Running) -> dict[str, str]:
    """Begin a training; returns the name of its run."""
    return {"run": trainings.start(wanted.recipe, wanted.fields)}


@router.post("/stop")
def stop(run: str, trainings: Running) -> dict[str, str]:
    """Ask a training to save its state and end."""
    trainings.stop(run)
    return {"run": run}


@router.post("/resume")
def resume(run: str, trainings: Running) -> dict[str, str]:
    """Continue a training that was stopped or killed."""
    trainings.resume(run)
    return {"run": run}


@router.get("/runs")
def runs(trainings: Running) -> dict[str, Any]:
    """List every run of the runs folder, the newest first, and those that were started and have no folder yet."""
    found = [_told(name, trainings) for name in trainings.names()]
    return {"runs": sorted(found, key=lambda each: each.get("begun") or 1e12, reverse=True)}


@router.get("/follow")
def follow(run: str, trainings: Running, start: Annotated[int, Query(ge=0)] = 0) -> JSONResponse:
    """Return how a run stands, and its events from byte `start` on; `begin` is 0 where all are told anew."""
    told = _told(run, trainings)
    if told["state"] == "starting" or "recipe" not in told:
        return JSONResponse({**told, "events": [], "begin": 0, "next": 0})
    events, begin, end = trainings.library.run(run).events_since(start)
    return JSONResponse({**told, "events": events, "begin": begin, "next": end})


@router.get("/epochs")
def epochs(run: str, models: Models) -> dict[str, Any]:
    """List the epochs of a run whose models there are, with what was measured after each."""
    found = models.run(run)
    rows = [row for row in found.metrics() if row["epoch"] == int(row["epoch"])]
    return {
        "epochs": [
            {"epoch": moment.epoch, "rows": [row for row in rows if row["epoch"] == moment.epoch]}
            for moment in moments(found)
        ],
        "all": found.epochs_folder.is_dir(),
    }


@router.post("/replay")
def replay(run: str, epoch: Epoch, models: Models, kept: Kept, picture: Picture) -> JSONResponse:
    """Return what a run's network made of a picture after an epoch: its answer, maps, and its first kernels."""
    from inkwise.evaluation.phrases import chance
    from inkwise.explain.kernels import kernels_of, layers_with_kernels
    from inkwise.studio.explained import packed

    recognizer = kept[0].model(models.run(run), epoch)
    recording = kept[1].get(recognizer, picture)
    # Where something was learned; what lies between passes it on or clips it.
    calls = [call for call in recording.activations.calls if _learns(call.module)]
    chosen = sorted({round(index * (len(calls) - 1) / max(1, _LAYERS - 1)) for index in range(_LAYERS)})
    maps = []
    for call in [calls[index] for index in chosen if 0 <= index < len(calls)]:
        values = call.output[0].detach().double().cpu().numpy()
        low, high = float(values.min()), float(values.max())
        maps.append({"name": call.name, "shape": values.shape, "low": low, "high": high, "values": packed(values)})
    kernels = None
    for layer, shape in layers_with_kernels(recording.network).items():
        if len(shape) == 4:
            weights = kernels_of(recording.network, layer).weights.double().numpy()
            low, high = float(weights.min()), float(weights.max())
            flat = weights.reshape(-1, *shape[2:])
            kernels = {"name": layer, "shape": flat.shape, "low": low, "high": high, "values": packed(flat)}
            break
    said = recognizer.answer(recording.image)[0]
    return JSONResponse(
        {
            "epoch": epoch,
            "label": said.label,
            "classes": [
                {"name": name, "probability": share, "said": chance(share)}
                for name, share in zip(recognizer.classes, said.probabilities, strict=True)
            ],
            "maps": maps,
            "kernels": kernels,
        }
    )


@router.get("/confusion")
def confusion(run: str, epoch: Epoch, models: Models, kept: Kept) -> dict[str, Any]:
    """Return how a run's network answered after an epoch, on images that it has not learned from."""
    found, of = kept[0].confusion(models.run(run), epoch)
    return {
        "epoch": epoch,
        "classes": found.classes,
        "confusion": found.confusion,
        "n": found.n,
        "of": of,
        "errors": found.errors,
        "accuracy": found.accuracy,
        "dataset": found.dataset,
        "split": found.split,
    }


def _told(name: str, trainings: Trainings) -> dict[str, Any]:
    """Return how a run stands and what its folder tells."""
    state, said = trainings.state(name)
    told: dict[str, Any] = {"run": name, "state": state, "said": said}
    run = trainings.find(name)
    if run is None:
        return told
    try:
        evaluation = run.evaluation().get("test")
        return {**told, **about(run), "test": evaluation and {"accuracy": evaluation["accuracy"], **_where(evaluation)}}
    except InkwiseError as error:  # damaged: the others are listed all the same
        return {**told, "state": "failed", "said": str(error)}


def _learns(module: "Module") -> bool:
    return next(module.parameters(recurse=False), None) is not None


def _where(evaluation: dict[str, Any]) -> dict[str, Any]:
    return {name: evaluation[name] for name in ("dataset", "split", "errors", "n") if name in evaluation}


def _typed(value: Any) -> str:
    """Return a field's value as it would be typed."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
