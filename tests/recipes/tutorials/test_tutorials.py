"""The five tutorials, setting by setting, as their sources give them."""

import pytest

from inkwise.models.summary import summarise
from inkwise.recipes.registry import get

# name, optimizer (name, lr, momentum, weight decay), batch, epochs, held out, shuffled, parameters
PUBLISHED = [
    ("matched-filter", ("sgd", 1e-3, 0.9, 0.0), 100, 7, 0, True, 784),
    ("small-cnn", ("adam", 1e-3, 0.0, 0.0), 64, 10, 0, True, 9_098),
    ("dropout-cnn", ("adam", 1e-3, 0.0, 0.0), 128, 3, 12_000, False, 1_199_882),
    ("deep-cnn", ("adam", 3e-4, 0.0, 1e-3), 100, 10, 0, True, 507_420),
    ("batchnorm-cnn", ("adam", 1e-3, 0.0, 0.0), 100, 5, 0, True, 29_034),
]
CLAIMS = [
    ("matched-filter", "89.891 %", "test", 0.89891),
    ("small-cnn", "98.73 %", "test", 0.9858),
    ("dropout-cnn", "96.68 %", "validation", 0.9773),
    ("deep-cnn", "approx. 99 %", "test", 0.9875),
    ("batchnorm-cnn", "98 %", "test", 0.99),
]


@pytest.mark.parametrize(("name", "step", "batch", "epochs", "held_out", "shuffled", "parameters"), PUBLISHED)
def test_the_published_training_is_the_sources(
    name: str,
    step: tuple[str, float, float, float],
    batch: int,
    epochs: int,
    held_out: int,
    shuffled: bool,
    parameters: int,
) -> None:
    recipe = get(f"{name}@published")
    optimizer = recipe.optimizer
    assert (optimizer.name, optimizer.lr, optimizer.momentum, optimizer.weight_decay) == step
    assert (optimizer.betas, optimizer.eps) == ((0.9, 0.999), 1e-8)
    assert (recipe.batch_size, recipe.epochs, recipe.validation, recipe.shuffle) == (batch, epochs, held_out, shuffled)
    assert (recipe.keep, recipe.schedule.name, recipe.augmentation.active) == ("last", "constant", False)
    assert summarise(recipe.network, 1 if recipe.binary else 10).parameters == parameters


@pytest.mark.parametrize("name", ["small-cnn", "dropout-cnn", "deep-cnn", "batchnorm-cnn"])
def test_the_corrected_training_takes_the_published_steps(name: str) -> None:
    published, corrected = get(f"{name}@published"), get(name)
    assert (corrected.optimizer, corrected.epochs, corrected.batch_size) == (
        published.optimizer,
        published.epochs,
        published.batch_size,
    )
    assert (corrected.pixels, corrected.loss, corrected.seed) == (published.pixels, published.loss, published.seed)


@pytest.mark.parametrize(("name", "text", "split", "reproduced"), CLAIMS)
def test_the_claim_is_the_printed_one(name: str, text: str, split: str, reproduced: float) -> None:
    claim = get(name).claim
    assert claim is not None
    assert (claim.text, claim.split, claim.reproduced) == (text, split, reproduced)


def test_the_matched_filter_is_one_kernel_and_asks_for_a_3() -> None:
    published, corrected = get("matched-filter@published"), get("matched-filter")
    assert published.network == ("conv 1 28x28 nobias", "flatten", "sigmoid")
    assert (published.loss, published.decision) == ("mse", "argmax-of-one-column")
    assert corrected.network == ("conv 1 28x28 nobias", "flatten")
    assert (corrected.loss, corrected.decision) == ("binary-cross-entropy", "threshold")
    assert published.positive == corrected.positive == 3
    assert published.pixels == "unit"


def test_dropout_cnn_applies_softmax_twice_as_published_alone() -> None:
    assert get("dropout-cnn@published").network == (*get("dropout-cnn").network, "softmax")


def test_deep_cnn_pools_before_the_activation_and_tests_in_training_mode_as_published() -> None:
    published, corrected = get("deep-cnn@published"), get("deep-cnn")
    assert published.network == corrected.network
    assert published.network[2:6] == ("conv 10 3x3 pad 1", "maxpool 2", "relu", "batchnorm")
    assert published.network[13:] == (
        "flatten",
        "linear 200",
        "relu",
        "dropout 0.5",
        "linear 500",
        "relu",
        "linear classes",
    )
    assert (published.test_mode, published.watch_test, published.watch_every) == ("train", True, 50)
    assert published.pixels == "signed"


def test_small_cnn_has_its_seed() -> None:
    assert get("small-cnn").seed == get("small-cnn@published").seed == 3


def test_the_sources_figure_for_a_dense_network_is_corrected_in_the_defects() -> None:
    assert any("790,021" in defect for defect in get("small-cnn@published").defects)
