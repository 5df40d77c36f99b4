"""Getting ready behind the first page: torch is imported and a model loaded while the page already shows.

The first answer waits for what is not done yet. A model that cannot be loaded is no matter here: whoever chooses it
is told why.
"""

from contextlib import suppress
from threading import Thread

from inkwise.errors import InkwiseError
from inkwise.studio.library import Library


class Warmth:
    """Loads the default model of `library` in a thread of its own once `begin` is called."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._thread = Thread(target=self._load, name="inkwise-warmth", daemon=True)

    def begin(self) -> None:
        """Begin, once."""
        if self._thread.ident is None:
            self._thread.start()

    @property
    def ready(self) -> bool:
        """Whether it is done."""
        return self._thread.ident is not None and not self._thread.is_alive()

    def wait(self, seconds: float | None = None) -> None:
        """Return when it is done, or after so many seconds."""
        if self._thread.ident is not None:
            self._thread.join(seconds)

    def _load(self) -> None:
        import torch

        from inkwise.data.normaliser import stages

        with suppress(InkwiseError):
            recognizer = self.library.get(self.library.default())
            recognizer.answer(torch.zeros(1, 1, 28, 28, dtype=torch.uint8))
        stages(torch.zeros(64, 64, dtype=torch.uint8).numpy())  # what it imports and sets up
