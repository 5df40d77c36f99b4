"""`inkwise predict IMAGE...`."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final

from cyclopts import Parameter

from inkwise.cli.options import Flag
from inkwise.errors import ImageError, UnknownName, UsageError
from inkwise.models.shipped import DEFAULT

# What --json has for an image that cannot be read, beside the reason.
_NONE: Final[dict[str, Any]] = {
    "label": None,
    "confidence": None,
    "accepted": False,
    "reason": None,
    "probabilities": None,
}


def predict(
    *images: Annotated[str, Parameter(allow_leading_hyphen=True)],  # for "-" itself
    model: str = DEFAULT,
    register: Path | None = None,
    json: Flag = False,
) -> int:
    """Read single digits from image files of any size, colour and polarity.

    Example: inkwise predict seven.png four.jpg

    Args:
        images: Image files, each with one digit; `-` reads one image from standard input.
        model: A model file, a run folder, or a shipped model: inkwise, inkwise-small.
        register: A .py file that registers the model's network.
        json: Print one JSON object per image and line.
    """
    from inkwise.cli.console import print_json, say
    from inkwise.cli.given import load_model, standard_input
    from inkwise.evaluation.phrases import chance

    if not images:
        raise UsageError("No image was given; name one or more image files, or - for standard input.")
    for image in images:
        if image.startswith("-") and image != "-":
            raise UnknownName("option", image, ("--model", "--register", "--json", "--help", "--debug"))
    recognizer = load_model(model, register)
    failed = False
    for image in images:
        try:
            answer = asdict(recognizer.predict(standard_input() if image == "-" else image)[0])
        except ImageError as error:
            failed = True
            say(f"inkwise: {error}")
            answer = {**_NONE, "reason": str(error)}
        if json:
            print_json({"image": image, **answer})
        elif answer["accepted"]:
            print(f"{image}  {answer['label']}  {chance(answer['confidence'])}")
        elif answer["label"] is not None:
            print(f"{image}  ?  ({answer['reason']})")
    return 1 if failed else 0
