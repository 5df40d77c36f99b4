"""Keras's first example, on the backend of JAX or of torch.

Source: https://keras.io/examples/vision/mnist_convnet/: two convolutions, dropout 0.5, Adam, batch 128, 15 epochs, the
last tenth of the images held out and looked at after each epoch. That look cannot be left out of `fit`; its time is
taken off. The first step's compilation counts, since every run pays it.

    python -m inkwise.bench.peers.keras_convnet --backend jax --seed 0
"""

import os
import time
from collections.abc import Sequence
from functools import partial
from importlib.metadata import version
from typing import Any

import numpy as np
import torch
from torch import Tensor

from inkwise.bench.trial import Task, Trained, carry_out, parser_for

BACKENDS = ("jax", "torch")
EPOCHS, BATCH, HELD_OUT = 15, 128, 0.1


def learn(task: Task, backend: str = "torch") -> Trained:
    """Train as published. In one process Keras keeps to the backend with which it was first imported."""
    os.environ["KERAS_BACKEND"] = backend
    import keras
    from keras import layers

    keras.utils.set_random_seed(task.seed)
    epochs, looks = task.epochs(EPOCHS), _Looks()
    began = time.perf_counter()
    images = _as_keras(task.train.images)
    labels = keras.utils.to_categorical(task.train.labels.numpy(), task.classes)
    model = keras.Sequential(
        [
            keras.Input(shape=images.shape[1:]),
            layers.Conv2D(32, kernel_size=(3, 3), activation="relu"),
            layers.MaxPooling2D(pool_size=(2, 2)),
            layers.Conv2D(64, kernel_size=(3, 3), activation="relu"),
            layers.MaxPooling2D(pool_size=(2, 2)),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(task.classes, activation="softmax"),
        ]
    )
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    told = keras.callbacks.LambdaCallback(on_test_begin=looks.begin, on_test_end=looks.end)
    model.fit(images, labels, batch_size=BATCH, epochs=epochs, validation_split=HELD_OUT, verbose=0, callbacks=[told])
    seconds = time.perf_counter() - began - looks.seconds

    def predict(digits: Tensor) -> Tensor:
        return torch.from_numpy(np.argmax(model.predict(_as_keras(digits), verbose=0), axis=1))

    learned = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    packages = ("keras", "jax") if backend == "jax" else ("keras",)
    seen = len(images) - int(HELD_OUT * len(images))
    return Trained(seconds, epochs, learned, seen, "float32", predict, {name: version(name) for name in packages})


class _Looks:
    """How long the looks at the images held out took."""

    def __init__(self) -> None:
        self.seconds, self.began = 0.0, 0.0

    def begin(self, _logs: Any = None) -> None:
        self.began = time.perf_counter()

    def end(self, _logs: Any = None) -> None:
        self.seconds += time.perf_counter() - self.began


def _as_keras(images: Tensor) -> Any:
    """Return uint8 (N, 1, H, W) as float32 (N, H, W, 1) in [0, 1]."""
    return images[:, 0, :, :, None].numpy().astype("float32") / 255


def main(arguments: Sequence[str] | None = None) -> None:
    """Run it with the backend asked for."""
    parser = parser_for(__doc__)
    parser.add_argument("--backend", choices=BACKENDS, default="torch")
    given = parser.parse_args(arguments)
    carry_out(partial(learn, backend=given.backend), given)


if __name__ == "__main__":
    main()
