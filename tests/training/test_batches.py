"""Batches: an order that depends on seed and epoch alone, and images as floats in [0, 1]."""

from typing import Any

import torch

from inkwise.data.augmentation import Augmentation, augment
from inkwise.training.batches import Batches

CPU = torch.device("cpu")


def test_the_order_depends_on_seed_and_epoch_alone(recipe_of: Any, blobs: Any) -> None:
    orders = {
        (seed, epoch, size): Batches(blobs(27), recipe_of(seed=seed, batch_size=size), CPU).order(epoch)
        for seed in (0, 1)
        for epoch in (0, 1)
        for size in (8, 27)
    }
    for (seed, epoch, _), order in orders.items():
        assert sorted(order.tolist()) == list(range(27))
        assert torch.equal(order, orders[seed, epoch, 8])
        assert not torch.equal(order, orders[1 - seed, epoch, 8])
        assert not torch.equal(order, orders[seed, 1 - epoch, 8])


def test_the_global_generator_is_neither_used_nor_moved_by_the_order(recipe_of: Any, blobs: Any) -> None:
    batches = Batches(blobs(27), recipe_of(), CPU)
    torch.manual_seed(1)
    first, draw = batches.order(0), torch.rand(1)
    torch.manual_seed(2)
    assert torch.equal(batches.order(0), first)
    torch.manual_seed(1)
    assert torch.equal(torch.rand(1), draw)


def test_unshuffled_the_order_is_that_of_the_source_in_every_epoch(recipe_of: Any, blobs: Any) -> None:
    batches = Batches(blobs(27), recipe_of(shuffle=False), CPU)
    assert all(torch.equal(batches.order(epoch), torch.arange(27)) for epoch in (0, 1, 5))


def test_the_batches_of_an_epoch_hold_each_image_once_with_its_label(recipe_of: Any, blobs: Any) -> None:
    split = blobs(27)
    batches = Batches(split, recipe_of(), CPU)
    order = batches.order(3)
    parts = [batches.batch(order, index, 3) for index in range(batches.count)]
    assert [len(labels) for _, labels in parts] == [8, 8, 8, 3]
    images, labels = torch.cat([part[0] for part in parts]), torch.cat([part[1] for part in parts])
    assert images.dtype == torch.float32
    assert torch.equal(images, split.images[order].float() / 255)
    assert torch.equal(labels, split.labels[order])


def test_batches_are_counted_up(recipe_of: Any, blobs: Any) -> None:
    counts = {size: Batches(blobs(27), recipe_of(batch_size=size), CPU).count for size in (1, 8, 9, 26, 27, 28, 1000)}
    assert counts == {1: 27, 8: 4, 9: 3, 26: 1, 27: 1, 28: 1, 1000: 1}  # of 26 the 27th joins: none is left alone


def test_augmentation_goes_by_a_samples_place_in_the_split_not_in_the_batch(recipe_of: Any, blobs: Any) -> None:
    split, config = blobs(27), Augmentation(rotate=20, shift=2)
    whole = augment(split.images, torch.arange(27), epoch=2, seed=5, config=config)
    for size in (4, 27):
        batches = Batches(split, recipe_of(seed=5, batch_size=size, augmentation=config), CPU)
        order = batches.order(2)
        images = torch.cat([batches.batch(order, index, 2)[0] for index in range(batches.count)])
        assert torch.equal(images, whole[order])
    assert not torch.equal(whole, split.images.float() / 255)


def test_the_images_in_memory_are_not_changed(recipe_of: Any, blobs: Any) -> None:
    split = blobs(27)
    before = split.images.clone()
    for config in (Augmentation(), Augmentation(thickness=1, rotate=5)):
        batches = Batches(split, recipe_of(augmentation=config), CPU)
        batches.batch(batches.order(0), 0, 0)[0].zero_()
        assert torch.equal(split.images, before)


def test_no_batch_of_several_holds_a_single_image(recipe_of: Any, blobs: Any) -> None:
    batches = Batches(blobs(27), recipe_of(batch_size=13), CPU)
    order = batches.order(0)
    parts = [batches.batch(order, index, 0)[1] for index in range(batches.count)]
    assert [len(labels) for labels in parts] == [13, 14]
    assert torch.equal(torch.cat(parts), batches.labels[order])
