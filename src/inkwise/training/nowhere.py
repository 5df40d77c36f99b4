"""A keeper that keeps nothing, for a training whose trainer is all that is wanted afterwards."""

from inkwise.training.loop import State
from inkwise.training.row import Row


class Nowhere:
    """A `Keeper` that passes over everything it is given."""

    def record(self, row: Row) -> None:
        """Pass over a row of metrics."""

    def progress(self, step: int, steps: int, loss: float, accuracy: float, images_per_second: float) -> None:
        """Pass over where training stands."""

    def save(self, state: State) -> None:
        """Pass over a state."""
