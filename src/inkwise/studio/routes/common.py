"""What every view shares: whether the server is there, what it offers, and the models to choose from."""

import secrets
from typing import Any

from fastapi import APIRouter, Request

from inkwise.studio.given import Model, Models
from inkwise.studio.guard import MAX_BODY

router = APIRouter(prefix="/api")
_STARTED = secrets.token_hex(8)


@router.get("/health")
def health(request: Request) -> dict[str, Any]:
    """Tell that the server is there, which one it is (a new one knows nothing of the old), and if it is ready."""
    return {"started": _STARTED, "ready": request.app.state.warmth.ready}


@router.get("/studio")
def studio(request: Request, models: Models) -> dict[str, Any]:
    """Tell the version, the views, the models, which of them to begin with, and how much may be sent."""
    from importlib.metadata import version

    return {
        "version": version("inkwise"),
        "views": [view.to_dict() for view in request.app.state.views],
        "models": [entry.to_dict() for entry in models.entries()],
        "model": models.default(),
        "runs": str(models.runs),
        "max_body": MAX_BODY,
    }


@router.get("/models")
def models(models: Models) -> dict[str, Any]:
    """List the models anew: trainings may have ended since."""
    return {"models": [entry.to_dict() for entry in models.entries()], "model": models.default()}


@router.get("/model")
def model(recognizer: Model) -> dict[str, Any]:
    """Load a model and tell what it is: its classes, its size, whether it was trained."""
    network = recognizer.network
    return {
        "recipe": recognizer.recipe.name,
        "title": recognizer.recipe.title,
        "classes": recognizer.classes,
        "rejects": recognizer.rejects,
        "parameters": sum(weight.numel() for weight in network.parameters()),
        "members": len(recognizer.members),
        "trained": recognizer.path is not None,
        "licence": recognizer.card.licence,
    }
