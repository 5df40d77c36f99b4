"""`inkwise predict IMAGE...`."""

import sys
from typing import Annotated

from cyclopts import Parameter


def predict(
    *images: str,
    model: str | None = None,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Read single digits from image files of any size, colour and polarity.

    Example: inkwise predict seven.png four.jpg --model runs/small-cnn

    Args:
        images: Image files, each with one digit; `-` reads one image from standard input.
        model: A model file or a run folder. Default: the newest finished run in runs/.
        json: Print one JSON object per image and line.
    """
    from inkwise.cli.console import err, out, print_json
    from inkwise.errors import ImageError, UsageError
    from inkwise.recognizer import Recognizer
    from inkwise.runs.newest import newest

    if not images:
        raise UsageError("No image was given; name one or more image files, or - for standard input.")
    if model is None:
        run = newest()
        err().print(f"Model: {run.model_file}, of the newest finished run.", soft_wrap=True)
        model = str(run.folder)
    recognizer = Recognizer.load(model)
    failed = 0
    for image in images:
        try:
            answer = recognizer.predict(sys.stdin.buffer.read() if image == "-" else image)[0]
        except ImageError as error:
            failed += 1
            if json:
                print_json({"image": image, "error": str(error)})
            else:
                err().print(f"inkwise: {error}", soft_wrap=True)
            continue
        if json:
            print_json(
                {
                    "image": image,
                    "label": answer.label,
                    "confidence": answer.confidence,
                    "accepted": answer.accepted,
                    "reason": answer.reason,
                    "probabilities": list(answer.probabilities),
                }
            )
        else:
            said = f"{answer.label}  {answer.confidence:6.2%}" if answer.accepted else f"?  ({answer.reason})"
            out().print(f"{image}  {said}", soft_wrap=True)
    return 1 if failed else 0
