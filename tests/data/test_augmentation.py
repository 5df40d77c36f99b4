import gzip
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from torch import Tensor

from inkwise.data.augmentation import Augmentation, augment, parameters
from inkwise.data.draws import sample_keys
from inkwise.errors import DataError

AMOUNTS = {"rotate": 20.0, "shift": 2.0, "scale": 0.2, "shear": 12.0, "thickness": 1.5, "elastic": 1.0}
INK = {"tone": 2.0, "coarse": 1.0, "gaps": 2.0, "lines": 0.8, "neighbours": 0.8, "noise": 0.2}
ALL = Augmentation(**AMOUNTS, **INK)
GENERATOR = torch.Generator().manual_seed(0)
IMAGES = torch.randint(0, 256, (150, 1, 28, 28), dtype=torch.uint8, generator=GENERATOR)
INDICES = torch.randperm(60_000, generator=GENERATOR)[:150]


@pytest.fixture
def threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def change(images: Tensor = IMAGES, indices: Tensor = INDICES, config: Augmentation = ALL, **when: int) -> Tensor:
    return augment(images, indices, epoch=when.get("epoch", 3), seed=when.get("seed", 5), config=config)


def test_nothing_switched_on_gives_the_image_exactly() -> None:
    config = Augmentation()
    assert not config.active
    assert torch.equal(change(config=config), IMAGES / 255)
    assert torch.equal(change(IMAGES / 255, config=config), IMAGES / 255)


def test_the_result_is_float32_in_zero_to_one() -> None:
    result = change(torch.full_like(IMAGES, 255))
    assert result.dtype == torch.float32
    assert result.shape == IMAGES.shape
    assert 0 <= result.min() <= result.max() <= 1


@pytest.mark.parametrize("name", list(INK))
def test_each_change_of_ink_changes_some_samples_and_leaves_others(name: str) -> None:
    digits = torch.zeros(150, 1, 28, 28)
    digits[:, :, 6:22, 4:24] = 0.8
    changed = (change(digits, config=Augmentation(**{name: INK[name]})) - digits).abs().amax((1, 2, 3)) > 0.01
    assert 0.3 < changed.float().mean() <= (1 if name == "tone" else 0.6)


def test_images_of_odd_sizes_are_changed_too() -> None:
    assert change(IMAGES[:, :, :27, :25]).shape == (150, 1, 27, 25)


@pytest.mark.parametrize("name", list(AMOUNTS))
def test_each_change_changes_and_leaves_its_input_alone(name: str) -> None:
    config = Augmentation(**{name: AMOUNTS[name]})
    before = IMAGES.clone()
    floats = IMAGES / 255
    kept = floats.clone()
    assert config.active
    assert ((change(config=config) - floats).abs().amax((1, 2, 3)) > 0.01).all()
    change(floats, config=config)
    assert torch.equal(IMAGES, before)
    assert torch.equal(floats, kept)


@pytest.mark.parametrize("config", [ALL, *(Augmentation(**{name: amount}) for name, amount in AMOUNTS.items())])
def test_any_split_into_batches_gives_the_same_bits(config: Augmentation) -> None:
    whole = change(config=config)
    for size in (1, 7, 64):
        parts = [change(IMAGES[i : i + size], INDICES[i : i + size], config) for i in range(0, len(IMAGES), size)]
        assert torch.equal(torch.cat(parts), whole)


def test_random_splits_orders_and_threads_give_the_same_bits(threads: None) -> None:
    whole = change()
    generator = torch.Generator().manual_seed(1)
    for number in (1, 2, 1, 2):
        torch.set_num_threads(number)
        order = torch.randperm(len(IMAGES), generator=generator)[:60]
        cuts = torch.randint(1, 60, (3,), generator=generator).sort().values.tolist()
        parts = [change(IMAGES[rows], INDICES[rows]) for rows in torch.tensor_split(order, cuts)]
        assert torch.equal(torch.cat(parts), whole[order])


def test_memory_layout_and_dtype_of_the_images_make_no_difference() -> None:
    whole = change()
    wide = torch.zeros(150, 2, 30, 40, dtype=torch.uint8)
    view = wide[:, 1:, 1:29, 5:33]
    view.copy_(IMAGES)
    assert torch.equal(change(view), whole)
    assert torch.equal(change(IMAGES.to(memory_format=torch.channels_last)), whole)
    assert torch.equal(change(IMAGES / 255), whole)


def test_seed_epoch_and_index_each_change_every_image() -> None:
    whole = change()
    for other in (change(seed=6), change(epoch=4), change(indices=INDICES + 1)):
        assert ((other - whole).abs().amax((1, 2, 3)) > 0.01).all()


def test_the_same_again_is_the_same() -> None:
    assert torch.equal(change(), change())


def test_an_empty_batch_stays_empty() -> None:
    assert change(IMAGES[:0], INDICES[:0]).shape == (0, 1, 28, 28)


def test_draws_are_uniform_within_the_amounts() -> None:
    drawn = parameters(sample_keys(0, 0, torch.arange(10_000)), ALL)
    for name in ("rotate", "shift", "scale", "shear", "thickness"):
        unit = (drawn[name].double() - (1 if name == "scale" else 0)) / AMOUNTS[name]
        assert unit.abs().max() <= 1 + 1e-5, name
        assert unit.abs().max() > 0.999, name
        assert unit.mean().abs() < 0.03, name
        assert abs(float((unit**2).mean()) - 1 / 3) < 0.02, name
        assert abs(float((unit**4).mean()) - 1 / 5) < 0.02, name
    assert float(drawn["elastic"].std()) == pytest.approx(AMOUNTS["elastic"], rel=0.01)


def test_draws_of_different_fields_and_axes_are_independent() -> None:
    drawn = parameters(sample_keys(0, 0, torch.arange(10_000)), ALL)
    columns = torch.cat([drawn[name].reshape(10_000, -1)[:, :4] for name in AMOUNTS], dim=1)
    correlation = torch.corrcoef(columns.T) - torch.eye(columns.shape[1])
    assert columns.shape[1] == 11
    assert correlation.abs().max() < 0.045


def test_switching_one_change_on_leaves_the_draws_of_the_others() -> None:
    keys = sample_keys(0, 0, torch.arange(100))
    every = parameters(keys, ALL)
    for name, amount in AMOUNTS.items():
        alone = parameters(keys, Augmentation(**{name: amount}))
        assert list(alone) == [name]
        assert torch.equal(alone[name], every[name])


def test_modest_changes_keep_real_digits_ink(mnist_root: Path) -> None:
    data = gzip.decompress((mnist_root / "t10k-images-idx3-ubyte.gz").read_bytes())[16:]
    digits = torch.from_numpy(np.frombuffer(data, np.uint8)[: 500 * 784].reshape(500, 1, 28, 28).copy())
    config = Augmentation(rotate=15, shift=2, elastic=1)
    ink = change(digits, torch.arange(500), config).sum((1, 2, 3)) / (digits / 255).sum((1, 2, 3))
    assert ink.mean() == pytest.approx(1, abs=0.02)
    assert ink.min() > 0.7


@pytest.mark.parametrize(
    ("images", "indices", "message"),
    [
        (IMAGES[0], INDICES, r"images of shape \(1, 28, 28\) and dtype torch.uint8; it takes \(N, 1, H, W\)"),
        (IMAGES.int(), INDICES, r"dtype torch.int32; it takes .* reshape or convert"),
        (IMAGES.expand(-1, 3, -1, -1), INDICES, r"images of shape \(150, 3, 28, 28\)"),
        (IMAGES, INDICES[:4], r"indices of shape \(4,\) .* for 150 images; it takes one int64 index per image"),
        (IMAGES, INDICES.int(), r"dtype torch.int32 for 150 images"),
    ],
)
def test_images_and_indices_that_do_not_fit_are_refused(images: Tensor, indices: Tensor, message: str) -> None:
    with pytest.raises(DataError, match=message):
        change(images, indices)


@pytest.mark.parametrize(
    "fault", [{"rotate": -1}, {"rotate": 181}, {"scale": 1}, {"elastic": float("nan")}, {"zoom": 1}]
)
def test_amounts_out_of_range_and_unknown_fields_are_refused(fault: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        Augmentation(**fault)


def test_the_configuration_is_had_without_torch() -> None:
    code = "import sys, inkwise.data.augmentation; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
