"""Data sets: handwritten digits and a book, stored here, Fashion-MNIST where its files are found.

Images come as float64 in [0, 1], shape (N, 1, H, W), labels as int64, shape (N,). Nothing
is read before it is asked for, and nothing is ever downloaded.
"""

from __future__ import annotations

import gzip
import math
import os
import struct
import zlib
from pathlib import Path

import numpy as np
from given.module import Array

Labelled = tuple[Array, Array]  # images (N, 1, H, W) and labels (N,)

DIGITS = Path(__file__).with_name("digits.npz")
ALICE = Path(__file__).with_name("alice.txt")
FASHION_MNIST = Path("/usr/share/datasets/fashion-mnist")
FASHION_MNIST_FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


def digits() -> Labelled:
    """1,797 handwritten digits of 8 × 8 pixels, about 180 of each class 0 to 9.

    Returns:
        Images (1797, 1, 8, 8), labels (1797,).
    Raises:
        FileNotFoundError: digits.npz is not beside this file.
    Source: UCI, Optical Recognition of Handwritten Digits, CC BY 4.0 (DATA_LICENSE.md).
    """
    if not DIGITS.is_file():
        raise FileNotFoundError(f"{DIGITS} is missing: restore it from the course")
    with np.load(DIGITS, allow_pickle=False) as stored:
        images, labels = stored["images"], stored["labels"]
    return images[:, None] / 16.0, labels.astype(np.int64)


def alice() -> str:
    """The text of "Alice's Adventures in Wonderland", 144,000 characters of ASCII.

    Raises:
        FileNotFoundError: alice.txt is not beside this file.
    Source: Lewis Carroll (1865), in the public domain (DATA_LICENSE.md).
    """
    if not ALICE.is_file():
        raise FileNotFoundError(f"{ALICE} is missing: restore it from the course")
    return ALICE.read_text(encoding="ascii")


def train_test_split(
    x: Array, y: Array, *, rng: np.random.Generator, test_fraction: float = 0.25
) -> tuple[Labelled, Labelled]:
    """Split samples at random into a part to learn from and a part to be judged by.

    Args:
        x: samples, shape (N, …).
        y: labels, shape (N, …).
        rng: decides which samples are drawn; the same state gives the same split.
        test_fraction: share of the samples in the second part, between 0 and 1.
    Returns:
        (x_train, y_train), (x_test, y_test): every sample in exactly one of them.
    Raises:
        ValueError: x and y differ in length, or a part would be empty.
    """
    if len(x) != len(y):
        raise ValueError(f"{len(x)} samples, but {len(y)} labels")
    test_size = round(len(x) * test_fraction)
    if not 0 < test_size < len(x):
        raise ValueError(f"test_fraction={test_fraction} of {len(x)} samples leaves a part empty")
    order = rng.permutation(len(x))
    test, train = order[:test_size], order[test_size:]
    return (x[train], y[train]), (x[test], y[test])


def fashion_mnist(folder: str | Path | None = None) -> tuple[Labelled, Labelled]:
    """70,000 pictures of clothes, 28 × 28 pixels, 10 classes: 60,000 to train, 10,000 to test.

    Args:
        folder: where the four IDX files are, plain or with the ending .gz. None means the
            folder that the environment variable FASHION_MNIST names, or else Debian's.
    Returns:
        (x_train, y_train), (x_test, y_test) with images (N, 1, 28, 28). The 60,000 images
        take 376 MB.
    Raises:
        FileNotFoundError: a file is missing; the message says how to get it.
        ValueError: a file is not what its name says.
    """
    folder = Path(folder or os.environ.get("FASHION_MNIST") or FASHION_MNIST)
    paths = [_find(folder, name) for name in FASHION_MNIST_FILES]
    return _labelled(paths[0], paths[1]), _labelled(paths[2], paths[3])


def _find(folder: Path, name: str) -> Path:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise FileNotFoundError(
        f"Fashion-MNIST: no {name} or {name}.gz in {folder}. Expected there, plain or .gz: "
        f"{', '.join(FASHION_MNIST_FILES)}. On Debian and Ubuntu `apt install "
        "dataset-fashion-mnist` brings them; elsewhere take them from "
        "https://github.com/zalandoresearch/fashion-mnist and set FASHION_MNIST=DIR."
    )


def _labelled(images_path: Path, labels_path: Path) -> Labelled:
    """The images in one file and their labels in the other, checked against each other."""
    images, labels = read_idx(images_path), read_idx(labels_path)
    if images.shape[1:] != (28, 28):
        raise ValueError(f"{images_path}: shape {images.shape}, expected (N, 28, 28)")
    if labels.shape != images.shape[:1]:
        raise ValueError(f"{labels_path}: shape {labels.shape}, for {len(images)} images")
    if labels.max(initial=0) > 9:
        raise ValueError(f"{labels_path}: label {labels.max()}, expected 0 to 9")
    return images[:, None] / 255.0, labels.astype(np.int64)


def read_idx(path: Path) -> Array:
    """The array of bytes in an IDX file, plain or gzipped by its ending.

    The format: two zero bytes, a type code (8 means unsigned byte), the number of axes, each
    axis's length as a 4-byte big-endian number, then the values in row-major order.

    Raises:
        ValueError: another type, or fewer or more bytes than the header announces.
    """
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            content = file.read()
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{path}: damaged gzip file ({error})") from error
    if len(content) < 4 or content[:3] != b"\x00\x00\x08":
        raise ValueError(f"{path}: starts with {content[:4].hex(' ')}, not an IDX file of bytes")
    start = 4 + 4 * content[3]
    if len(content) < start:
        raise ValueError(f"{path}: ends within its header of {start} bytes")
    shape = struct.unpack(f">{content[3]}I", content[4:start])
    if len(content) - start != math.prod(shape):
        raise ValueError(
            f"{path}: {len(content) - start} bytes of values, but shape {shape} needs "
            f"{math.prod(shape)}"
        )
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)
