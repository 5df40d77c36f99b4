"""The training loop.

One `Trainer` owns a network and everything that changes while it learns, all of it in `state()`. `run` goes on
from wherever that state stands, hands a row of metrics and the state itself to a `Keeper` as it goes, and leaves
when the last epoch is done, when validation stops improving, or when it is asked to stop.
"""

import time
from collections.abc import Callable
from typing import Any, Literal, Protocol, runtime_checkable

import torch
from torch import Tensor

from inkwise.data.dataset import Split
from inkwise.errors import TrainingError
from inkwise.models.inference import outputs_of
from inkwise.models.network import Network
from inkwise.recipes.recipe import Recipe
from inkwise.training import loss as losses
from inkwise.training import optimiser as optimisers
from inkwise.training.allocator import keep_freed_memory
from inkwise.training.average import Average
from inkwise.training.batches import Batches
from inkwise.training.device import Compute
from inkwise.training.row import Row
from inkwise.training.seeds import derive, seed_device

State = dict[str, Any]
Ending = Literal["finished", "early", "stopped"]

_CHECK_EVERY = 50  # steps between looks at whether the loss is still finite; each look waits for the device
SAVE_EVERY = 30.0  # seconds between resume states within an epoch


@runtime_checkable
class Keeper(Protocol):
    """Where a trainer puts what it learned; the run folder is one."""

    def record(self, row: Row) -> None:
        """Keep one row of metrics: epoch, step, split, loss, accuracy, seconds."""

    def progress(self, step: int, steps: int, loss: float, accuracy: float, images_per_second: float) -> None:
        """Show where training stands; called a few times a second."""

    def save(self, state: State) -> None:
        """Keep the state for a resume, with the weights of the best and the last epoch in it."""


class Trainer:
    """A network on its way from random weights to learned ones.

    Args:
        recipe: What to do.
        network: The network, on the CPU, initialised from the recipe's seed; it is moved and trained in place.
        train: The images to learn from.
        validation: The images that choose the epoch and stop the run; None where the recipe holds none out.
        watched: The images that `recipe.watch_every` looks at within an epoch, and the name of their split.
        compute: The device and precision.
    """

    def __init__(
        self,
        recipe: Recipe,
        network: Network,
        train: Split,
        validation: Split | None,
        watched: Split | None,
        compute: Compute,
    ) -> None:
        began = time.perf_counter()
        if compute.device.type == "cpu":
            keep_freed_memory()
        self.recipe, self.compute = recipe, compute
        self.network = network.to(compute.device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's hints lack it
        self.validation, self.watched = validation, watched
        self.batches = Batches(train, recipe, compute.device)
        self.epochs = max(recipe.epochs, -(-recipe.least_steps // self.batches.count))
        self.steps = self.epochs * self.batches.count
        network.guarded = False  # the batches are made here, and right
        self.loss = losses.make(recipe, network.outputs)
        self.middle = 0.5 if network.outputs == "probabilities" or recipe.loss == "mse" else 0.0
        self.optimiser = optimisers.make(self.network, recipe.optimizer)
        self.average = Average(self.network, recipe.average) if recipe.average else None
        self.step = 0
        self.epoch_losses = torch.zeros(self.batches.count, device=compute.device)
        self.epoch_correct = torch.zeros(self.batches.count, dtype=torch.int64, device=compute.device)
        self.best: dict[str, Tensor] = {}
        self.best_loss, self.best_epoch, self.stale = float("inf"), 0, 0
        self.history: list[Row] = []
        self.seconds = time.perf_counter() - began  # of training, evaluation excluded

    def run(
        self, keeper: Keeper, stop: Callable[[], bool] = lambda: False, *, save_every: float = SAVE_EVERY
    ) -> Ending:
        """Train until done, until validation has not improved for `recipe.patience` epochs, or until `stop()`.

        Args:
            keeper: Gets the rows of metrics, and the state at the end of each epoch and `save_every` within one.
            stop: Asked once after each step; when true, the state is saved and training left.
            save_every: Seconds between two states within an epoch; it changes nothing that is learned.

        Raises:
            TrainingError: The loss or a weight became nan or infinite; what the keeper has is from before.
        """
        saved = shown = time.perf_counter()
        while self.step < self.steps and not self.gave_up:
            epoch, first = divmod(self.step, self.batches.count)
            order = self.batches.order(epoch)
            self.network.train()
            for index in range(first, self.batches.count):
                began = time.perf_counter()
                self._learn(*self.batches.batch(order, index, epoch), index)
                if self.step % _CHECK_EVERY == 0 or index + 1 == self.batches.count:
                    self._check()
                now = time.perf_counter()
                self.seconds += now - began
                if self.watched and self._due(index):
                    self._measure(self.watched, keeper)
                if now - shown > 0.2:
                    self._show(keeper, index)
                    shown = now
                stopping = stop()
                if index + 1 < self.batches.count and (stopping or now - saved >= save_every):
                    self._save(keeper)
                    saved = time.perf_counter()
                    if stopping:
                        return "stopped"
            self._finish_epoch(keeper)
            saved = time.perf_counter()
            if stopping and self.step < self.steps and not self.gave_up:
                return "stopped"
        return "early" if self.step < self.steps else "finished"

    @property
    def gave_up(self) -> bool:
        """Whether validation has not improved for the recipe's patience."""
        return bool(self.recipe.patience) and self.stale >= self.recipe.patience

    def _due(self, index: int) -> bool:
        """Return whether to look at the watched split after batch `index`; an epoch ends with validation anyway."""
        every = self.recipe.watch_every
        twice = index + 1 == self.batches.count and self.watched is self.validation
        return every > 0 and self.step % every == 0 and not twice

    def _learn(self, images: Tensor, labels: Tensor, index: int) -> None:
        # Dropout draws from the global generator: seeded per step, a resumed run draws what an unbroken one drew.
        seed_device(derive(self.recipe.seed, "step", self.step), self.compute.device)
        optimisers.set_rate(self.optimiser, self.recipe, self.step, self.steps)
        with torch.autocast(self.compute.device.type, torch.bfloat16, enabled=self.compute.half):
            outputs = self.network(images)
        outputs = outputs.float()  # (B, C)
        loss = self.loss(outputs, labels)
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimiser.step()
        if self.average:
            self.average.update(self.step)
        self.epoch_losses[index] = loss.detach()
        self.epoch_correct[index] = losses.correct(outputs.detach(), labels, self.middle)
        self.step += 1

    def _finish_epoch(self, keeper: Keeper) -> None:
        epoch = self.step // self.batches.count
        mean, share = self._so_far(self.batches.count)
        self._record(keeper, "train", mean, share)
        weights = self.weights()
        if self.validation is None:
            self.best, self.best_epoch = weights, epoch
        else:
            validation_loss = self._measure(self.validation, keeper)
            if validation_loss < self.best_loss or not self.best:
                self.best, self.best_loss, self.best_epoch, self.stale = weights, validation_loss, epoch, 0
            else:
                self.stale += 1
        self._save(keeper)

    def weights(self) -> dict[str, Tensor]:
        """Return a copy of the network's weights as they stand, averaged where the recipe averages, on the CPU."""
        weights = {name: value.detach().cpu().clone() for name, value in self.network.state_dict().items()}
        if self.average:
            weights |= {name: value.cpu().clone() for name, value in self.average.state_dict().items()}
        return weights

    def _measure(self, split: Split, keeper: Keeper) -> float:
        """Record and return the loss on `split`, in float32 and with the averaged weights where there are any."""
        self._check(weights=True)
        test_like_training = self.recipe.test_mode == "train"
        # Testing in train mode moves the batch statistics; what is learned must not depend on who looked.
        own: dict[str, Tensor] = {}
        if self.average or test_like_training:
            own = {name: value.clone() for name, value in self.network.state_dict().items()}
        if self.average:
            self.network.load_state_dict(self.average.state_dict(), strict=False)
        try:
            seed_device(derive(self.recipe.seed, "look", self.step), self.compute.device)
            outputs = outputs_of(
                self.network,
                split.images,
                batch_size=self.recipe.batch_size if test_like_training else 500,
                train_mode=test_like_training,
            )
        finally:
            if own:
                self.network.load_state_dict(own)
            self.network.train()
        mean = self.loss(outputs, split.labels).item()
        share = losses.correct(outputs, split.labels, self.middle).item() / len(split)
        self._record(keeper, split.name, mean, share)
        return mean

    def _record(self, keeper: Keeper, split: str, loss: float, accuracy: float) -> None:
        row: Row = {
            "epoch": round(self.step / self.batches.count, 4),
            "step": self.step,
            "split": split,
            "loss": loss,
            "accuracy": accuracy,
            "seconds": round(self.seconds, 4),
        }
        self.history.append(row)
        keeper.record(row)

    def _so_far(self, done: int) -> tuple[float, float]:
        """Return the mean loss and accuracy of the first `done` batches of this epoch."""
        last = self.batches.count
        sizes = torch.full((done,), float(self.recipe.batch_size), device=self.epoch_losses.device)
        if done == last:
            sizes[-1] = len(self.batches.labels) - (last - 1) * self.recipe.batch_size
        mean = (self.epoch_losses[:done] * sizes).sum() / sizes.sum()
        return mean.item(), (self.epoch_correct[:done].sum() / sizes.sum()).item()

    def _show(self, keeper: Keeper, index: int) -> None:
        loss, accuracy = self._so_far(index + 1)
        epochs_done, in_epoch = divmod(self.step, self.batches.count)
        images = epochs_done * len(self.batches.labels) + in_epoch * self.recipe.batch_size
        keeper.progress(self.step, self.steps, loss, accuracy, images / max(self.seconds, 1e-9))

    def _check(self, *, weights: bool = False) -> None:
        """Raise TrainingError where a loss of this epoch is not finite, naming the first such step.

        With `weights`, also where a weight or a batch statistic is not: the last step's loss was still good then.
        """
        start = (self.step - 1) // self.batches.count * self.batches.count
        bad = (~torch.isfinite(self.epoch_losses[: self.step - start])).nonzero()
        if len(bad):
            self._fail("loss", start + int(bad[0]) + 1)
        values = self.network.state_dict().values() if weights else ()
        if not all(bool(torch.isfinite(value).all()) for value in values):
            self._fail("weights", self.step)

    def _save(self, keeper: Keeper) -> None:
        self._check(weights=True)
        keeper.save(self.state())

    def _fail(self, what: str, step: int) -> None:
        epoch = (step - 1) // self.batches.count + 1
        raise TrainingError(
            f"The {what} became nan or infinite at step {step:,} (epoch {epoch}); what was saved before it is kept. "
            f"Lower optimizer.lr (now {self.recipe.optimizer.lr:g}) or add schedule.warmup, and train again."
        )

    def state(self) -> State:
        """Return all that a later process needs to go on as if nothing had happened: tensors and plain values."""
        return {
            "recipe": self.recipe.model_dump(mode="json"),
            "step": self.step,
            "seconds": self.seconds,
            "network": self.network.state_dict(),
            "optimizer": self.optimiser.state_dict(),
            "average": self.average.state_dict() if self.average else {},
            "epoch_losses": self.epoch_losses,
            "epoch_correct": self.epoch_correct,
            "best": self.best,
            "best_loss": self.best_loss,
            "best_epoch": self.best_epoch,
            "stale": self.stale,
            "last": self.weights(),
            "history": self.history,
        }

    def load_state(self, state: State) -> None:
        """Take up what `state` of an earlier process left."""
        self.step, self.seconds = state["step"], state["seconds"]
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimizer"])
        if self.average:
            self.average.load_state_dict(state["average"])
        self.epoch_losses.copy_(state["epoch_losses"])
        self.epoch_correct.copy_(state["epoch_correct"])
        self.best = state["best"]
        self.best_loss, self.best_epoch, self.stale = state["best_loss"], state["best_epoch"], state["stale"]
        self.history = list(state["history"])
