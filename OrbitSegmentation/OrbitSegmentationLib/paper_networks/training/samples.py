"""Training samples of the paper networks, cut from prepared orbits."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from NeuroOrbitLib.anatomy.structures import Side
from NeuroOrbitLib.files.safe import write_files, write_text
from NeuroOrbitLib.files.stamps import stamps_of
from NeuroOrbitLib.imaging.files import load_image
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.training.cohorts import LabelledCase
from OrbitSegmentationLib.paper_networks.preprocessing import PreparedOrbit, prepare_orbits, sequence_min_max
from OrbitSegmentationLib.paper_networks.profiles import Profile

#: File in the folder of a complete prepared case that records which files it was prepared from.
_COMPLETE = "complete"
#: HU below which there is fat or air in CT, and smallest share of such voxels in a CT that shows an orbit.
_FAT_HU, _LEAST_SHARE = -40, 0.001


class OrbitSamples:
    """Windows, slices or sequences of prepared orbits, according to the profile's layout.

    ``volume``: as many windows of each orbit as are needed to cover its slices once, each at a random position.
    ``slice``: every slice. ``sequence``: every slice with a labelled voxel and one more on each side (Chung et al.
    2022), each with its neighbours.
    """

    def __init__(self, orbits: list[PreparedOrbit], profile: Profile) -> None:
        self.orbits, self.profile = orbits, profile
        self.places = [(o, place) for o, orbit in enumerate(orbits) for place in _places(orbit, profile)]

    def __len__(self) -> int:
        return len(self.places)

    def sample(self, index: int, random: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Return (input, target) in the network's axis order; the target has one channel per class, 0 or 1."""
        which, place = self.places[index]
        orbit = self.orbits[which]
        if self.profile.layout == "volume":
            box = _random_box(orbit.image.shape, self.profile.window, random)
            return _pair(orbit.image[box][None], orbit.classes[box], self.profile)
        if self.profile.layout == "slice":
            return _pair(orbit.image[None, :, :, place], orbit.classes[:, :, place], self.profile)
        return _pair(sequence_at(orbit.image, place, self.profile), orbit.classes[place], self.profile)


def sequence_at(image: np.ndarray, place: int, profile: Profile) -> np.ndarray:
    """Return the slices around slice ``place``, (steps, 1, H, W); beyond the ends the end slice is repeated."""
    reach = profile.window[0] // 2
    wanted = np.clip(np.arange(place - reach, place + reach + 1), 0, image.shape[0] - 1)
    slices = image[wanted][:, None]
    return sequence_min_max(slices) if profile.intensity == "sequence_min_max" else slices


def store_orbits(cases: list[LabelledCase], profile: Profile, folder: Path, progress: Progress = silent) -> None:
    """Prepare the orbits of ``cases`` and store them in ``folder``, which belongs to one profile.

    Cases that are stored already are kept as long as their image and label map have not changed.

    :raises Problem: if a label map has no eyeball, or grey values are not HU as the profile needs; the message names
        the case.
    """
    for done, case in enumerate(cases):
        progress(done / len(cases), f"Preparing {case.name}")
        if not is_stored(case, folder / case.name):
            _store(case, profile, folder / case.name)


def stored_orbits(cases: list[LabelledCase], folder: Path) -> list[PreparedOrbit]:
    """Return the orbits that :func:`store_orbits` stored, memory-mapped, so that a cohort need not fit into memory."""
    return [orbit for case in cases for orbit in _stored(folder / case.name)]


def is_stored(case: LabelledCase, folder: Path) -> bool:
    """Return whether the folder of a prepared case holds the orbits of the case's files as they are now."""
    record = folder / _COMPLETE
    return record.exists() and record.read_text(encoding="utf-8") == state_of_files(case)


def mark_stored(folder: Path, state: str) -> None:
    """Record that the orbits of a case are complete.

    :param folder: folder of the prepared case.
    :param state: state of its files before they were read, from :func:`state_of_files`.
    """
    write_text(folder / _COMPLETE, state)


def state_of_files(case: LabelledCase) -> str:
    """Return a text that changes when the label map, the meaning of its values or the image changes."""
    return "\n".join([*map(repr, stamps_of((case.image, case.labels))), repr(case.mapping)])


def _store(case: LabelledCase, profile: Profile, folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    state, labels, image = state_of_files(case), case.load_labels(), load_image(case.image)
    if profile.intensity != "percentiles" and case.modality != "CT" and not _has_fat_or_air_of_ct(image):
        raise Problem(f"{case.name}: its grey values are not Hounsfield units, which this configuration needs: none "
                      'are those of fat or air. For MRI add "profile_changes": {"intensity": "percentiles"}; convert a '
                      "CT again from its DICOM series, or, if it is right, write CT in the column modality of a table.")
    try:
        for orbit in prepare_orbits(image, labels, profile):
            arrays = {"image": orbit.image, "classes": orbit.classes, "affine": orbit.grid.affine}
            write_files({folder / f"{orbit.side.value}_{name}.npy": partial(_save, array)
                         for name, array in arrays.items()})
    except Problem as problem:
        raise Problem(f"{case.name}: {problem}") from problem
    mark_stored(folder, state)


def _has_fat_or_air_of_ct(image: Image) -> bool:
    """Return whether a scan has the fat or air of a CT, which MRI and CT without its offset lack."""
    return np.count_nonzero(image.array < _FAT_HU) > _LEAST_SHARE * image.array.size


def _save(array: np.ndarray, path: Path) -> None:
    np.save(path, array)


def _stored(folder: Path) -> list[PreparedOrbit]:
    found = []
    for side in Side:
        stem = folder / side.value
        if Path(f"{stem}_image.npy").exists():
            image = np.load(f"{stem}_image.npy", mmap_mode="r")
            classes = np.load(f"{stem}_classes.npy", mmap_mode="r")
            found.append(PreparedOrbit(side, Grid(image.shape, np.load(f"{stem}_affine.npy")), image, classes))
    return found


def _places(orbit: PreparedOrbit, profile: Profile) -> list[int]:
    """Return the numbers of the samples of one orbit: of its windows, or of its slices."""
    if profile.layout == "volume":
        return list(range(-(-orbit.image.shape[2] // profile.window[2])))
    if profile.layout == "slice":
        return list(range(orbit.image.shape[2]))
    labelled = np.flatnonzero(orbit.classes.any(axis=(1, 2)))
    if labelled.size == 0:
        return []
    return list(range(max(labelled[0] - 1, 0), min(labelled[-1] + 2, orbit.image.shape[0])))


def _random_box(shape: tuple[int, ...], window: tuple[int, ...], random: np.random.Generator) -> tuple[slice, ...]:
    starts = [int(random.integers(0, size - width + 1)) for size, width in zip(shape, window, strict=True)]
    return tuple(slice(start, start + width) for start, width in zip(starts, window, strict=True))


def _pair(image: np.ndarray, classes: np.ndarray, profile: Profile) -> tuple[Tensor, Tensor]:
    first = 0 if profile.exclusive else 1
    values = np.arange(first, len(profile.classes) + 1).reshape(-1, *[1] * classes.ndim)
    target = np.asarray(classes)[None] == values
    return torch.from_numpy(np.array(image, dtype=np.float32)), torch.from_numpy(target.astype(np.float32))
