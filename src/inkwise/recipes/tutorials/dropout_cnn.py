"""A wider network with dropout; as published, its softmax is applied twice."""

from inkwise.recipes.recipe import Claim, Optimizer, Recipe

TITLE = "Wider, with dropout"
SOURCE = "A tutorial on pooling and dropout, with a network of 1.2 million parameters"
# Three values are printed, 96.38, 96.87 and 96.68; the last is the result. Batch and learning rate are not printed:
# 128 and 1e-3 are those of our reproduction.
CLAIM = Claim(text="96.68 %", split="validation", reproduced=0.9773)
NETWORK = (
    "conv 32 3x3",
    "relu",
    "conv 64 3x3",
    "relu",
    "maxpool 2",
    "dropout 0.25",
    "flatten",
    "linear 128",
    "relu",
    "dropout 0.5",
    "linear classes",
)

RECIPE = Recipe(
    name="dropout-cnn",
    title=TITLE,
    source=SOURCE,
    claim=CLAIM,
    network=NETWORK,
    optimizer=Optimizer(name="adam", lr=1e-3),
    epochs=3,
    batch_size=128,
)

PUBLISHED = Recipe(
    name="dropout-cnn@published",
    title=TITLE,
    source=SOURCE,
    claim=CLAIM,
    defects=(
        "It applies softmax and then cross-entropy, which applies it again, so the loss cannot fall below 1.461.",
        "It does not shuffle: every epoch sees the same images in the same batches.",
        "It reports the accuracy of its validation split and none on the test set.",
    ),
    network=(*NETWORK, "softmax"),
    optimizer=Optimizer(name="adam", lr=1e-3),
    epochs=3,
    batch_size=128,
    validation=12_000,
    shuffle=False,
    keep="last",
)
