"""Four convolutions with batch normalisation; as published, it is tested in training mode."""

from inkwise.recipes.recipe import Claim, Optimizer, Recipe

TITLE = "Four convolutions"
SOURCE = "A tutorial on batch normalisation, dropout and early stopping, with a deeper network"
CLAIM = Claim(text="approx. 99 %", reproduced=0.9875)
# The activation follows the pooling and precedes the batch normalisation, as in the source.
NETWORK = (
    "conv 5 3x3 pad 1",
    "relu",
    "conv 10 3x3 pad 1",
    "maxpool 2",
    "relu",
    "batchnorm",
    "conv 20 3x3 pad 1",
    "relu",
    "batchnorm",
    "conv 40 3x3 pad 1",
    "maxpool 2",
    "relu",
    "batchnorm",
    "flatten",
    "linear 200",
    "relu",
    "dropout 0.5",
    "linear 500",
    "relu",
    "linear classes",
)

RECIPE = Recipe(
    name="deep-cnn",
    title=TITLE,
    source=SOURCE,
    claim=CLAIM,
    network=NETWORK,
    pixels="signed",
    optimizer=Optimizer(name="adam", lr=3e-4, weight_decay=1e-3),
    epochs=10,
    batch_size=100,
    watch_every=150,  # on validation, a few times an epoch: every 50 steps costs half as much as training itself
)

PUBLISHED = Recipe(
    name="deep-cnn@published",
    title=TITLE,
    source=SOURCE,
    claim=CLAIM,
    defects=(
        "It never switches to evaluation mode, so dropout and batch statistics act while testing.",
        "It looks at the test accuracy every 50 steps, so the test set steers the training.",
        "It has no validation split, though it recommends early stopping, which needs one.",
        "Its code joins a string and an int, and would crash as printed.",
    ),
    network=NETWORK,
    pixels="signed",
    optimizer=Optimizer(name="adam", lr=3e-4, weight_decay=1e-3),
    epochs=10,
    batch_size=100,
    validation=0,
    keep="last",
    test_mode="train",
    watch_test=True,
    watch_every=50,
)
