"""The course's data are the same on every machine: their hashes, to six decimals, are known."""

import hashlib

import numpy as np
import pytest

from tensorglass.course import data

CASES = {
    "xor": (lambda: data.xor(50, seed=1), "4cd95e31854cb175"),
    "blobs": (lambda: data.blobs(50, centers=3, seed=1), "13530136e494af71"),
    "blobs at": (lambda: data.blobs(50, centers=[[0, 0], [3, 1]], seed=2, spread=0.5), "2af99727755bbaa9"),
    "moons": (lambda: data.moons(50, seed=1), "b2805b2013c01460"),
    "rings": (lambda: data.rings(50, seed=1), "4b511c02875e7129"),
    "spirals": (lambda: data.spirals(50, turns=1.5, seed=1), "1255f734f836dbdf"),
    "digits": (lambda: data.digits(40, seed=1), "4c8a8e6e14b0203e"),
}


def digest(points, labels):
    rounded = np.round(points, 6) + 0.0  # no negative zeros
    return hashlib.sha256(rounded.tobytes() + labels.tobytes()).hexdigest()[:16]


@pytest.mark.parametrize("name", CASES)
def test_the_same_numbers_everywhere(name):
    make, known = CASES[name]
    points, labels = make()
    assert points.dtype == np.float64
    assert labels.dtype == np.int64
    assert digest(points, labels) == known


@pytest.mark.parametrize("make", [data.xor, data.blobs, data.moons, data.rings, data.spirals, data.digits])
def test_another_seed_gives_other_points_and_balanced_classes(make):
    points, labels = make(60, seed=3)
    assert len(points) == len(labels) == 60
    assert not np.array_equal(points, make(60, seed=4)[0])
    assert np.array_equal(points, make(60, seed=3)[0])
    assert set(np.bincount(labels)) == {60 // (labels.max() + 1)}


def test_labels_of_xor_are_the_exclusive_or_of_the_signs():
    points, labels = data.xor(100, noise=0.1)
    assert np.array_equal(labels, (points[:, 0] > 0) ^ (points[:, 1] > 0))


def test_digits_are_ink_on_paper_and_can_be_told_apart():
    images, labels = data.digits(500)
    assert images.shape == (500, 16, 16)
    assert images.min() >= 0
    assert images.max() <= 1
    means = np.stack([images[:400][labels[:400] == d].mean(axis=0) for d in range(10)])
    nearest = np.square(images[400:, None] - means).sum(axis=(2, 3)).argmin(axis=1)
    assert (nearest == labels[400:]).mean() > 0.6
