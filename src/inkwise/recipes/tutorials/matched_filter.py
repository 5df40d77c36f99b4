"""One kernel as large as the image: is it a 3? The learned kernel looks like a 3."""

from inkwise.recipes.recipe import Claim, Optimizer, Recipe, Schedule

TITLE = "One kernel: is it a 3?"
SOURCE = "A tutorial on cross-correlation, with one kernel and a sigmoid"
CLAIM = Claim(text="89.891 %", reproduced=0.89891)

RECIPE = Recipe(
    name="matched-filter",
    title=TITLE,
    source=SOURCE,
    claim=CLAIM,
    positive=3,
    network=("conv 1 28x28 nobias", "flatten"),
    loss="binary-cross-entropy",
    decision="threshold",
    # All chosen on validation. The published step, SGD 0.001, is far from the end after 7 epochs (NLL 0.125 against
    # 0.087). With paper at -1 instead of 0 the sum over the kernel stands in for the bias that the network lacks: NLL
    # 0.094 becomes 0.087, and the kernel looks more like a 3.
    pixels="signed",
    optimizer=Optimizer(name="adam", lr=3e-3, weight_decay=1e-3),
    schedule=Schedule(name="linear"),
    validation=10_000,  # 784 weights need no more images, the threshold does
    epochs=7,
    batch_size=100,
)

PUBLISHED = Recipe(
    name="matched-filter@published",
    title=TITLE,
    source=SOURCE,
    claim=CLAIM,
    defects=(
        (
            "It predicts by argmax over a single column, which is always 0, so its accuracy is the share of the digits "
            "that are not a 3."
        ),
        "It divides by one image too many: 8,990 of 10,001.",
        (
            "It reports accuracy alone, which says little where 10 % of the digits are the one asked for; precision, "
            "recall, F1 and ROC AUC are needed."
        ),
        "It trains with the squared error on the probability, which learns slowly where the sigmoid is flat.",
        "It holds no images out to choose a threshold on.",
        "Its text writes the sigmoid with the wrong sign in the exponent.",
    ),
    positive=3,
    network=("conv 1 28x28 nobias", "flatten", "sigmoid"),
    loss="mse",
    decision="argmax-of-one-column",
    optimizer=Optimizer(name="sgd", lr=0.001, momentum=0.9),
    epochs=7,
    batch_size=100,
    validation=0,
    keep="last",
)
