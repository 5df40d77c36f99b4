"""Two 5x5 convolutions with batch normalisation."""

from inkwise.recipes.recipe import Claim, Optimizer, Recipe, Schedule

TITLE = "Two 5x5, batch norm"
SOURCE = "A tutorial on feature maps layer by layer, with a network of two blocks"
CLAIM = Claim(text="98 %", reproduced=0.9900)
NETWORK = (
    "conv 16 5x5 pad 2",
    "batchnorm",
    "relu",
    "maxpool 2",
    "conv 32 5x5 pad 2",
    "batchnorm",
    "relu",
    "maxpool 2",
    "flatten",
    "linear classes",
)

RECIPE = Recipe(
    name="batchnorm-cnn",
    title=TITLE,
    source=SOURCE,
    claim=CLAIM,
    network=NETWORK,
    optimizer=Optimizer(name="adam", lr=1e-3),
    # At a constant rate the validation accuracy jumps by a quarter of a point from epoch to epoch, and the last one is
    # luck; a rate that falls to zero settles (docs/log.md).
    schedule=Schedule(name="linear"),
    epochs=5,
    batch_size=100,
)

PUBLISHED = Recipe(
    name="batchnorm-cnn@published",
    title=TITLE,
    source=SOURCE,
    claim=CLAIM,
    defects=(
        "It has no validation split: the test data are used directly.",
        "It cuts the accuracy down to a whole percent, so that up to a point of it is lost.",
    ),
    network=NETWORK,
    optimizer=Optimizer(name="adam", lr=1e-3),
    epochs=5,
    batch_size=100,
    validation=0,
    keep="last",
)
