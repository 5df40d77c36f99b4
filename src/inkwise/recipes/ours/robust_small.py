"""`robust` for little room: a sixth of the parameters, a file of less than 200 kB."""

from inkwise.recipes.ours.robust import RECIPE as ROBUST

RECIPE = ROBUST.model_copy(
    update={
        "name": "robust-small",
        "title": "The same in 200 kB",
        "network": (
            "conv 16 5x5 nobias",
            "maxpool 2",
            "batchnorm",
            "relu",
            "conv 28 3x3 nobias",
            "batchnorm",
            "relu",
            "conv 28 3x3 nobias",
            "maxpool 2",
            "batchnorm",
            "relu",
            "conv 42 3x3 pad 1 nobias",
            "batchnorm",
            "relu",
            "conv 42 3x3 pad 1 nobias",
            "batchnorm",
            "relu",
            "flatten",
            "linear classes",
        ),
    }
)
