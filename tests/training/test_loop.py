"""The training loop: it learns, stops, resumes to the bit, and is not disturbed by being watched."""

import io
import itertools
import math
import time
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional

from inkwise.data.dataset import Split
from inkwise.errors import TrainingError
from inkwise.recipes.recipe import Optimizer
from inkwise.training.loop import Trainer

LINEAR = ("flatten", "linear classes")
# Each step multiplies the weights by -19, so that they leave float32's range after some thirty.
EXPLOSIVE = Optimizer(name="sgd", lr=1.0, weight_decay=20.0)


def through_a_file(state: dict[str, Any]) -> dict[str, Any]:
    """What comes back from a file of tensors and plain values."""
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    read: dict[str, Any] = torch.load(file, weights_only=True)
    return read


def timeless(rows: list[Any]) -> list[Any]:
    return [{key: value for key, value in row.items() if key != "seconds"} for row in rows]


def same(first: Any, second: Any) -> bool:
    """Whether two states are equal to the bit, nested values and all, times aside."""
    if isinstance(first, torch.Tensor):
        return first.dtype == second.dtype and torch.equal(first, second)
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(same(first[key], second[key]) for key in first if key != "seconds")
    if isinstance(first, list | tuple):
        return len(first) == len(second) and all(map(same, first, second))
    return bool(first == second)


def stop_after(steps: int) -> Any:
    count = itertools.count(1)
    return lambda: next(count) >= steps


def test_it_learns_what_can_be_told_apart(recipe_of: Any, trainer_of: Any, blobs: Any, memory: Any) -> None:
    trainer = trainer_of(recipe_of(epochs=8), blobs(60), blobs(30, "validation", seed=1))
    assert trainer.run(memory) == "finished"
    last = {row["split"]: row for row in memory.rows}
    assert last["validation"]["accuracy"] == 1.0
    assert last["train"]["loss"] < 0.5 * memory.rows[0]["loss"]
    assert [row["epoch"] for row in memory.rows] == [epoch for epoch in range(1, 9) for _ in range(2)]


def test_two_runs_of_one_recipe_are_equal_to_the_bit_and_another_seed_differs(
    everything: Any, trainer_of: Any, memories: Any, blobs: Any
) -> None:
    ends = []
    for seed in (0, 0, 1):
        trainer = trainer_of(everything(seed=seed), validation=blobs(12, "validation", seed=1))
        trainer.run(memories())
        ends.append(trainer.state())
    assert same(ends[0], ends[1])
    assert not same(ends[0]["network"], ends[2]["network"])


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"optimizer": Optimizer(name="sgd", lr=0.05, momentum=0.9, weight_decay=1e-3)},
        {"optimizer": Optimizer(name="adamw", lr=0.01, weight_decay=0.1), "average": 0.0, "keep": "last"},
        {"optimizer": Optimizer(name="muon", lr=0.02, momentum=0.9, weight_decay=0.1, rest_lr=0.005)},
        {"test_mode": "train", "watch_test": True},
        {"precision": "bfloat16", "shuffle": False},
    ],
    ids=["adam", "sgd", "adamw", "muon", "test-mode-train", "bfloat16"],
)
def test_interrupted_after_any_step_it_ends_with_the_same_bits(
    everything: Any, trainer_of: Any, memories: Any, blobs: Any, changes: Any
) -> None:
    recipe = everything(epochs=2, **changes)
    validation, watched = blobs(12, "validation", seed=1), blobs(9, "test", seed=2)
    unbroken = trainer_of(recipe, validation=validation, watched=watched)
    keeper = memories()
    ending = unbroken.run(keeper)
    end = unbroken.state()
    assert unbroken.batches.count == 4  # 27 images in batches of 8: the last one has 3
    for step in range(1, unbroken.step):
        first = trainer_of(recipe, validation=validation, watched=watched)
        kept = memories()
        assert first.run(kept, stop_after(step)) == "stopped"
        assert kept.states[-1]["step"] == first.step == step
        second = trainer_of(recipe, validation=validation, watched=watched)
        second.load_state(through_a_file(kept.states[-1]))
        more = memories()
        assert second.run(more) == ending
        assert same(second.state(), end)
        assert timeless(kept.rows + more.rows) == timeless(keeper.rows)


def test_a_state_saved_at_any_moment_is_enough_whatever_came_after_it(
    everything: Any, trainer_of: Any, memories: Any, blobs: Any
) -> None:
    # A kill, unlike a stop, loses what was done since the last save.
    recipe, validation = everything(), blobs(12, "validation", seed=1)
    unbroken = trainer_of(recipe, validation=validation)
    keeper = memories()
    unbroken.run(keeper, save_every=0.0)
    assert len(keeper.states) == unbroken.step
    for state in keeper.states:
        trainer = trainer_of(recipe, validation=validation)
        trainer.load_state(through_a_file(state))
        trainer.run(memories())
        assert same(trainer.state(), unbroken.state())


def test_how_often_it_saves_changes_nothing_that_is_learned(everything: Any, trainer_of: Any, memories: Any) -> None:
    ends = []
    for save_every in (0.0, 1000.0):
        trainer = trainer_of(everything(patience=0, validation=0))
        keeper = memories()
        trainer.run(keeper, save_every=save_every)
        ends.append((len(keeper.states), trainer.state()))
    assert [saves for saves, _ in ends] == [12, 3]  # each step; each epoch
    assert same(ends[0][1], ends[1][1])


def test_a_finished_state_has_nothing_left_to_do(recipe_of: Any, trainer_of: Any, memories: Any) -> None:
    trainer = trainer_of(recipe_of())
    keeper = memories()
    trainer.run(keeper)
    again = trainer_of(recipe_of())
    again.load_state(through_a_file(keeper.states[-1]))
    later = memories()
    assert again.run(later) == "finished"
    assert not later.rows
    assert not later.states


def test_stop_is_asked_once_a_step_and_saves_where_it_stops(recipe_of: Any, trainer_of: Any, memories: Any) -> None:
    for step in (1, 3, 4, 5):  # 4 is the end of an epoch
        asked: list[int] = []
        keeper = memories()
        trainer = trainer_of(recipe_of())

        def stop(asked: list[int] = asked, trainer: Trainer = trainer, step: int = step) -> bool:
            asked.append(trainer.step)
            return trainer.step >= step

        assert trainer.run(keeper, stop) == "stopped"
        assert asked == list(range(1, step + 1))
        assert keeper.states[-1]["step"] == step


def test_a_stop_at_the_very_end_is_an_end(recipe_of: Any, trainer_of: Any, memory: Any) -> None:
    trainer = trainer_of(recipe_of())
    assert trainer.run(memory, lambda: trainer.step == trainer.steps) == "finished"


def test_early_stopping_keeps_the_best_epoch_and_leaves_after_the_patience(
    recipe_of: Any, trainer_of: Any, blobs: Any, memory: Any
) -> None:
    # Labels turned by one: the better it learns the train split, the worse it gets at these.
    honest = blobs(30, "validation", seed=1)
    turned = Split("validation", honest.images, torch.where(torch.arange(30) < 20, (honest.labels + 1) % 3, 0))
    trainer = trainer_of(recipe_of(epochs=30, patience=3), validation=turned)
    assert trainer.run(memory) == "early"
    losses = [row["loss"] for row in memory.rows if row["split"] == "validation"]
    best = losses.index(min(losses))
    assert len(losses) == best + 1 + 3 < 30
    assert trainer.best_epoch == best + 1
    assert same(trainer.best, memory.states[best]["last"])
    assert not same(trainer.best, trainer.weights())


def test_patience_zero_never_stops_and_the_best_is_still_kept(
    recipe_of: Any, trainer_of: Any, blobs: Any, memory: Any
) -> None:
    honest = blobs(30, "validation", seed=1)
    turned = Split("validation", honest.images, (honest.labels + 1) % 3)
    trainer = trainer_of(recipe_of(epochs=6, patience=0), validation=turned)
    assert trainer.run(memory) == "finished"
    losses = [row["loss"] for row in memory.rows if row["split"] == "validation"]
    assert trainer.best_epoch == 1 + losses.index(min(losses)) < 6


def test_an_early_stopped_state_is_not_trained_further(
    recipe_of: Any, trainer_of: Any, blobs: Any, memories: Any
) -> None:
    honest = blobs(30, "validation", seed=1)
    turned = Split("validation", honest.images, (honest.labels + 1) % 3)
    recipe = recipe_of(epochs=30, patience=2)
    trainer = trainer_of(recipe, validation=turned)
    keeper = memories()
    assert trainer.run(keeper) == "early"
    again = trainer_of(recipe, validation=turned)
    again.load_state(through_a_file(keeper.states[-1]))
    assert again.run(memories()) == "early"
    assert again.step == trainer.step


def by_hand(trainer: Trainer, train: Split) -> list[tuple[float, float]]:
    """Train the trainer's network with torch alone; return loss and share of right answers, step by step."""
    recipe = trainer.recipe
    network = nn.Sequential(*trainer.network)
    settings = recipe.optimizer
    optimiser: torch.optim.Optimizer
    if settings.name == "sgd":
        momentum, decay = settings.momentum, settings.weight_decay
        optimiser = torch.optim.SGD(network.parameters(), lr=settings.lr, momentum=momentum, weight_decay=decay)
    else:
        optimiser = torch.optim.Adam(network.parameters(), lr=settings.lr)
    steps = []
    for epoch in range(recipe.epochs):
        for rows in torch.split(trainer.batches.order(epoch), recipe.batch_size):
            outputs = network(train.images[rows].float() / 255)
            loss = functional.cross_entropy(outputs, train.labels[rows])
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            right = (outputs.argmax(1) == train.labels[rows]).sum().item()
            steps.append((loss.item(), right))
    return steps


@pytest.mark.parametrize("optimizer", [Optimizer(lr=0.01), Optimizer(name="sgd", lr=0.1, momentum=0.9)])
def test_metrics_and_weights_are_those_of_torch_used_by_hand(
    recipe_of: Any, trainer_of: Any, blobs: Any, memory: Any, optimizer: Any
) -> None:
    train = blobs(27)
    reference = trainer_of(recipe_of(optimizer=optimizer))
    steps = by_hand(reference, train)
    trainer = trainer_of(recipe_of(optimizer=optimizer), train)
    trainer.run(memory)
    for name, value in trainer.network.state_dict().items():
        torch.testing.assert_close(value, reference.network.state_dict()[name], rtol=1e-4, atol=1e-6)
    for epoch, row in enumerate(memory.rows):
        of_epoch = steps[4 * epoch : 4 * epoch + 4]
        mean = sum(loss * size for (loss, _), size in zip(of_epoch, (8, 8, 8, 3), strict=True)) / 27
        assert row["loss"] == pytest.approx(mean, rel=1e-4)
        assert row["accuracy"] == pytest.approx(sum(right for _, right in of_epoch) / 27)
        assert (row["epoch"], row["step"], row["split"]) == (epoch + 1, 4 * epoch + 4, "train")


def test_a_split_is_measured_in_evaluation_mode_with_the_averaged_weights(
    everything: Any, trainer_of: Any, blobs: Any, memory: Any
) -> None:
    validation = blobs(12, "validation", seed=1)
    trainer = trainer_of(everything(epochs=1, watch_every=0), validation=validation)
    trainer.run(memory)
    twin = trainer_of(everything())
    twin.network.load_state_dict(trainer.weights())
    with torch.no_grad():
        outputs = twin.network.eval()(validation.images.float() / 255)
    row = memory.rows[-1]
    assert row["split"] == "validation"
    assert row["loss"] == pytest.approx(
        functional.cross_entropy(outputs, validation.labels, label_smoothing=0.1).item()
    )
    assert row["accuracy"] == pytest.approx((outputs.argmax(1) == validation.labels).float().mean().item())


def test_watching_and_validating_do_not_disturb_training(
    everything: Any, trainer_of: Any, blobs: Any, memories: Any
) -> None:
    ends = []
    for validation, watch_every in ((None, 0), (blobs(12, "validation", seed=1), 1)):
        recipe = everything(patience=0, watch_every=watch_every)
        trainer = trainer_of(recipe, validation=validation, watched=validation)
        keeper = memories()
        trainer.run(keeper)
        ends.append(trainer.state())
    assert len(ends[1]["history"]) == 12 + 3  # each step, the last of an epoch once, and train each epoch
    for part in ("network", "optimizer", "average", "epoch_losses"):
        assert same(ends[0][part], ends[1][part])


def test_a_look_leaves_batch_statistics_alone_also_where_it_tests_in_train_mode(
    everything: Any, trainer_of: Any, blobs: Any
) -> None:
    for test_mode, average in (("eval", 0.0), ("train", 0.0), ("train", 0.9)):
        trainer = trainer_of(everything(test_mode=test_mode, average=average), validation=blobs(12, "validation"))
        before = {name: value.clone() for name, value in trainer.network.named_buffers()}
        keeper = _Nothing()
        trainer._measure(trainer.validation, keeper)
        after = dict(trainer.network.named_buffers())
        assert all(torch.equal(after[name], value) for name, value in before.items())
        assert trainer.network.training


class _Nothing:
    def record(self, row: Any) -> None: ...
    def progress(self, *values: Any) -> None: ...
    def save(self, state: Any) -> None: ...


def test_watched_looks_fall_on_their_steps_under_the_name_of_their_split(
    recipe_of: Any, trainer_of: Any, blobs: Any, memory: Any
) -> None:
    trainer = trainer_of(recipe_of(watch_every=3), watched=blobs(9, "test", seed=2))
    trainer.run(memory)
    looks = [(row["step"], row["epoch"]) for row in memory.rows if row["split"] == "test"]
    assert looks == [(3, 0.75), (6, 1.5), (9, 2.25), (12, 3.0)]


def test_a_loss_that_explodes_stops_with_its_step_and_saves_nothing_bad(
    recipe_of: Any, trainer_of: Any, blobs: Any, memory: Any
) -> None:
    recipe = recipe_of(network=LINEAR, optimizer=EXPLOSIVE, epochs=30)
    losses = [loss for loss, _ in by_hand(trainer_of(recipe), blobs(27))]
    bad = next(step for step, loss in enumerate(losses, 1) if not math.isfinite(loss))
    epoch = (bad - 1) // 4 + 1
    with pytest.raises(TrainingError, match=rf"loss became nan or infinite at step {bad} \(epoch {epoch}\)") as caught:
        trainer_of(recipe).run(memory)
    assert "Lower optimizer.lr (now 1) or add schedule.warmup" in str(caught.value)
    assert len(memory.states) == epoch - 1 > 0
    for state in memory.states:
        for values in (state["network"], state["last"], state["best"]):
            assert all(torch.isfinite(value).all() for value in values.values())
    assert all(math.isfinite(row["loss"]) for row in memory.rows)


def test_progress_tells_step_loss_accuracy_and_speed(recipe_of: Any, trainer_of: Any, memory: Any) -> None:
    trainer = trainer_of(recipe_of(epochs=1))

    def slowly() -> bool:
        if trainer.step == 1:
            time.sleep(0.25)
        return False

    trainer.run(memory, slowly)
    step, steps, loss, accuracy, speed = memory.shown[0]  # of step 2, or of 1 on a machine that is slow itself
    assert step in {1, 2}
    assert steps == 4
    assert loss == pytest.approx(float(trainer.epoch_losses[:step].mean()), rel=1e-6)
    assert accuracy == pytest.approx(int(trainer.epoch_correct[:step].sum()) / (8 * step))
    assert speed > 0


def test_training_seconds_leave_evaluation_out(recipe_of: Any, trainer_of: Any, blobs: Any) -> None:
    class Slow(_Nothing):
        def record(self, row: Any) -> None:
            time.sleep(0.2)
            super().record(row)

    began = time.perf_counter()
    trainer = trainer_of(recipe_of(), validation=blobs(9, "validation"))
    trainer.run(Slow())
    assert 0 < trainer.seconds < time.perf_counter() - began - 1.1  # six rows


def test_dropout_draws_anew_at_each_step_and_by_the_seed(recipe_of: Any, trainer_of: Any, memories: Any) -> None:
    losses = []
    for seed in (0, 0, 1):
        # At this rate the weights stay as they are, so that losses differ by what dropout left out alone.
        recipe = recipe_of(
            network=("flatten", "dropout 0.5", "linear classes"),
            optimizer=Optimizer(lr=1e-30),
            epochs=5,
            batch_size=27,
            shuffle=False,
        )
        trainer = trainer_of(recipe)
        trainer.recipe = recipe.model_copy(update={"seed": seed})
        trainer.run(memories())
        losses.append([row["loss"] for row in trainer.history])
    assert len(set(losses[0])) == 5
    assert losses[0] == losses[1]
    assert not set(losses[0]) & set(losses[2])


def test_without_validation_the_best_epoch_is_the_last(recipe_of: Any, trainer_of: Any, memory: Any) -> None:
    trainer = trainer_of(recipe_of(validation=0))
    trainer.run(memory)
    assert trainer.best_epoch == 3
    assert same(trainer.best, trainer.weights())


@pytest.mark.parametrize(("least", "epochs"), [(0, 2), (8, 2), (9, 3), (100, 25)])
def test_few_images_are_passed_over_until_there_are_as_many_steps_as_asked_for(
    recipe_of: Any, trainer_of: Any, blobs: Any, memory: Any, least: int, epochs: int
) -> None:
    trainer = trainer_of(recipe_of(epochs=2, least_steps=least), blobs(27))  # four batches an epoch
    trainer.run(memory)
    assert trainer.epochs == epochs
    assert trainer.step == trainer.steps == 4 * epochs
    assert [row["epoch"] for row in memory.rows] == list(range(1, epochs + 1))
