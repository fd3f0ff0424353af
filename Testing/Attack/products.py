"""All kinds of files and folders that the product writes, each in two versions, and how each is read again."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch

from NeuroOrbitLib.files.safe import write_arrays, write_bytes, write_json, write_rows
from NeuroOrbitLib.imaging.files import load_image, save_image
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs.tasks import read_result, run_task
from NeuroOrbitLib.models import ModelFacts, ModelPackage, write_package
from NeuroOrbitLib.training.checkpoint import load_newest, save_checkpoint
from OrbitSegmentationLib.annotation.progress import load_state, save_state

_FACTS = ModelFacts("written", "1.0.0", "Written", "MRI", ("no", "yes"), "synthetic", "Apache-2.0", "none")
_CASE, _TASK = "case", "task"
#: Formats of two files: a header and the voxels beside it.
_OF_TWO_FILES = ("mhd", "nhdr")


@dataclass(frozen=True)
class Product:
    """A kind of file or folder.

    :param name: name of the kind.
    :param write: writes version 1 or 2 into a folder.
    :param read: returns the content of the folder in a form that can be compared.
    :param in_one_step: whether one version replaces the other in one step, so that a killed writer leaves one of them.
    """

    name: str
    write: Callable[[Path, int], object]
    read: Callable[[Path], object]
    in_one_step: bool = True


def products() -> Iterator[Product]:
    """Yield every kind."""
    for ending in ("nii", "nii.gz", "nrrd", "mha", *_OF_TWO_FILES):
        yield Product(f"image .{ending}", partial(_write_image, ending), partial(_read_image, ending),
                      ending not in _OF_TWO_FILES)
    yield Product("table", _write_table, _read_table)
    yield Product("JSON", lambda folder, version: write_json(folder / "a.json", {"text": _letters(version)}),
                  lambda folder: json.loads((folder / "a.json").read_text(encoding="utf-8"))["text"])
    yield Product("picture or page", lambda folder, version: write_bytes(folder / "a.png", _noise(version)),
                  lambda folder: (folder / "a.png").read_bytes())
    yield Product("arrays", lambda folder, version: write_arrays(folder / "a.npz", a=_image(version).array),
                  _read_arrays)
    yield Product("checkpoint", _write_checkpoint, _read_checkpoint)
    yield Product("model package", _write_package, _read_package)
    yield Product("progress of a case", _write_state, lambda folder: sorted(load_state(folder, _CASE).done))
    yield Product("result of a task", _write_result, lambda folder: read_result(folder, _TASK)["text"])


def _noise(version: int) -> bytes:
    """Return bytes that cannot be compressed, more in the second version."""
    return np.random.default_rng(version).bytes(20_000 * version)


def _letters(version: int) -> str:
    return _noise(version).hex()


def _image(version: int) -> Image:
    voxels = np.frombuffer(_noise(version)[:20_000], np.int16).reshape(10, 20, 50)
    return Image(voxels, np.diag([-1.0, 1.0, version, 1.0]))


def _write_image(ending: str, folder: Path, version: int) -> None:
    save_image(_image(version), folder / f"scan.{ending}")


def _read_image(ending: str, folder: Path) -> tuple[bytes, bytes]:
    image = load_image(folder / f"scan.{ending}")
    return image.array.tobytes(), np.round(image.affine, 4).tobytes()


def _write_table(folder: Path, version: int) -> None:
    write_rows(folder / "a.csv", ["number"], ([number] for number in range(4000 * version)))


def _read_table(folder: Path) -> list[list[str]]:
    with (folder / "a.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.reader(stream))


def _read_arrays(folder: Path) -> bytes:
    with np.load(folder / "a.npz") as arrays:
        return arrays["a"].tobytes()


def _write_checkpoint(folder: Path, version: int) -> None:
    save_checkpoint({"step": version, "weights": torch.full((40, 40 * version), float(version))}, folder / "a.pt")


def _read_checkpoint(folder: Path) -> tuple[int, bytes]:
    state, _ = load_newest(folder / "a.pt")
    return state["step"], state["weights"].numpy().tobytes()


def _write_package(folder: Path, version: int) -> None:
    write_package(folder / "package", {"w": torch.full((40, 40 * version), float(version))}, _FACTS)


def _read_package(folder: Path) -> bytes:
    return ModelPackage.open(folder / "package").load_state_dict()["w"].numpy().tobytes()


def _write_state(folder: Path, version: int) -> None:
    state = load_state(folder, _CASE)
    for value in range(1, 25) if version == 2 else (1, 2):
        state = state.marked(value, True)
    save_state(folder, state, "Ann", {})


def _write_result(folder: Path, version: int) -> None:
    run_task(lambda item, *_: {"text": _letters(item)}, _TASK, version, folder)
