"""The cost of checking image files: ``python -m Testing.Experiments.benchmarks.image_files``.

Every file is verified when it is read (checksums) and when it is written (it is read back). Scans and label maps are
read and written in turns with and without these checks; prints one line of JSON.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from Testing.Experiments.benchmarks.timing import median_seconds

#: Share of processor time that the checks may add, and time (s) below which they may add more.
LIMIT, UNNOTICED_S = 0.2, 0.01
#: Number of repeats whose least time counts: a process with newly allocated memory takes longer in either way.
TURNS = 12
_SHAPE = (60, 384, 384)


def main() -> int:
    """Measure and print."""
    print(json.dumps(measure()))
    return 0


def measure() -> dict[str, dict[str, float]]:
    """Return the processor time (s) of checked reading and writing and of ITK's own, by file and way."""
    from NeuroOrbitLib.imaging.image import Image

    affine = np.diag([-0.5, -0.5, 1.0, 1.0])
    contents = {"scan": _scan(), "labels": _labels()}
    with tempfile.TemporaryDirectory() as folder:
        return {f"{way}_{name}": seconds for name, array in contents.items()
                for way, seconds in _both_ways(Image(array, affine), Path(folder) / f"{name}.nii.gz").items()}


def _both_ways(image: Any, path: Path) -> dict[str, dict[str, float]]:
    import SimpleITK as sitk

    from NeuroOrbitLib.imaging.files import itk_from_image, load_image, save_image

    plain = itk_from_image(image)
    return {
        "write": _compared(lambda: save_image(image, path), lambda: sitk.WriteImage(plain, str(path), True)),
        "read": _compared(lambda: load_image(path), lambda: sitk.GetArrayFromImage(sitk.ReadImage(str(path)))),
    }


def _compared(checked: Callable[[], object], plain: Callable[[], object]) -> dict[str, float]:
    """Return the least processor time (s) of each, measured in turns, as other work on the machine only adds to it."""
    checked(), plain()
    turns = [(median_seconds(checked, 1, warm_up=False), median_seconds(plain, 1, warm_up=False)) for _ in range(TURNS)]
    return {"checked_s": min(one.processor for one, _ in turns), "plain_s": min(other.processor for _, other in turns)}


def _scan() -> np.ndarray:
    """Return noisy grey values with smooth structures, int16."""
    k, j, i = (np.linspace(-3, 3, size, dtype=np.float32) for size in _SHAPE)
    smooth = 300 * np.sin(k)[:, None, None] * np.cos(j)[:, None] * np.sin(2 * i)
    return (smooth + np.random.default_rng(1).normal(0, 20, _SHAPE)).astype(np.int16)


def _labels() -> np.ndarray:
    """Return balls of 24 labels in background, uint8."""
    labels = np.zeros(_SHAPE, np.uint8)
    k, j, i = np.ogrid[:_SHAPE[0], :_SHAPE[1], :_SHAPE[2]]
    for value, place in enumerate(np.random.default_rng(2).uniform(0.2, 0.8, (24, 3)) * _SHAPE, start=1):
        labels[(2 * (k - place[0])) ** 2 + (j - place[1]) ** 2 + (i - place[2]) ** 2 < 30**2] = value
    return labels


def exceeded(result: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Return a sentence for each exceeded limit."""
    return [f"checking what is {_words(name)} costs {_ratio(seconds) - 1:.0%} of processor time (limit {LIMIT:.0%})"
            for name, seconds in result.items()
            if _ratio(seconds) > 1 + LIMIT and seconds["checked_s"] - seconds["plain_s"] > UNNOTICED_S]


def rows(result: Mapping[str, Mapping[str, float]]) -> list[tuple[str, str, str]]:
    """Return the rows of the table: operation, increase of the time by the checks, and processor time with them."""
    return [(f"A .nii.gz is {_words(name)}: checked / unchecked", f"{_ratio(seconds):.2f}",
             f"{seconds['checked_s'] * 1000:.0f} ms") for name, seconds in result.items()]


def _ratio(seconds: Mapping[str, float]) -> float:
    return seconds["checked_s"] / seconds["plain_s"]


def _words(name: str) -> str:
    way, content = name.split("_")
    return f"{'written' if way == 'write' else 'read'} ({content})"


if __name__ == "__main__":
    sys.exit(main())
