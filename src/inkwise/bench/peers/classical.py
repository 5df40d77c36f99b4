"""scikit-learn's best classical classifier here: a support vector machine on upright digits, no network.

Each digit is sheared upright by its second moments, as LeCun et al. 1998 (doi:10.1109/5.726791) did before theirs,
reduced to its principal components, and classified by an SVC with a Gaussian kernel. Kernel, components, C and gamma
were chosen on 5,000 images held out of train. Nothing is random in it, so one seed is all.

    python -m inkwise.bench.peers.classical
"""

import time
from importlib.metadata import version
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor

from inkwise.bench.trial import Task, Trained, main

COMPONENTS, C, GAMMA = 60, 10.0, 0.04  # 99.04 % of validation, trained on the other 55,000
CACHE = 1000  # MB for kernel values: speed alone


def upright(image: Any) -> Any:
    """Return a uint8 (H, W) digit sheared so that its ink stands upright around its own centre."""
    moments = cv2.moments(image)
    if abs(moments["mu02"]) < 1e-2:  # no ink, or all of it in one row
        return image
    slope = moments["mu11"] / moments["mu02"]
    middle = moments["m01"] / moments["m00"]
    shear = np.array([[1, slope, -slope * middle], [0, 1, 0]], np.float32)
    height, width = image.shape
    return cv2.warpAffine(image, shear, (width, height), flags=cv2.WARP_INVERSE_MAP | cv2.INTER_LINEAR)


def features(images: Tensor) -> Any:
    """Return uint8 (N, 1, H, W) as float64 (N, H * W) in [0, 1], each digit upright."""
    digits = np.stack([upright(image) for image in images[:, 0].numpy()])
    return digits.reshape(len(digits), -1) / 255.0


def classifier() -> Any:
    """Return scikit-learn's pipeline before it has seen anything."""
    from sklearn.decomposition import PCA
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import SVC

    return make_pipeline(PCA(COMPONENTS, svd_solver="covariance_eigh"), SVC(C=C, gamma=GAMMA, cache_size=CACHE))


def learn(task: Task) -> Trained:
    """Fit the machine."""
    model = classifier()  # imports are not counted
    images, labels = task.train.images, task.train.labels.numpy()
    began = time.perf_counter()
    model.fit(features(images), labels)
    seconds = time.perf_counter() - began

    def predict(digits: Tensor) -> Tensor:
        return torch.from_numpy(model.predict(features(digits)))

    reduced, machine = (step for _, step in model.steps)
    kept = (machine.support_vectors_, machine.dual_coef_, machine.intercept_, reduced.components_, reduced.mean_)
    parameters = sum(int(np.size(values)) for values in kept)
    libraries = {"scikit-learn": version("scikit-learn")}
    return Trained(seconds, 1, parameters, len(labels), "float64", predict, libraries)


if __name__ == "__main__":
    main(learn, __doc__)
