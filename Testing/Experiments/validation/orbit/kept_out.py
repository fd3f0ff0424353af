"""The label maps of heads that no training has seen."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor

from OrbitSegmentationLib.any_contrast.training.train import TRAINING_HEADS
from Testing.real_data import real_data_folder

#: Folders with the sources on which the images made from them depend.
SOURCES = ("NeuroOrbitLib/phantom", "OrbitSegmentation/OrbitSegmentationLib/any_contrast/training")


def kept_out_heads() -> list[Path]:
    """Return their files; none without real data."""
    folder = real_data_folder()
    return sorted((folder / "labelmaps").glob("*.nii.gz"))[TRAINING_HEADS:] if folder else []


def twice_as_fine(tissues: Tensor) -> Tensor:
    """Return the same classes with half the voxel size, from which images are made."""
    return tissues.repeat_interleave(2, 0).repeat_interleave(2, 1).repeat_interleave(2, 2)
