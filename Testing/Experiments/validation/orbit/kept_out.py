"""The head label maps that no training has seen."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor

from OrbitSegmentationLib.any_contrast.training.train import TRAINING_HEADS
from Testing.real_data import real_data_folder

#: On what the images made from them depend.
SOURCES = ("NeuroOrbitLib/phantom", "OrbitSegmentation/OrbitSegmentationLib/any_contrast/training")


def kept_out_heads() -> list[Path]:
    """Their files; none where there is no real data."""
    folder = real_data_folder()
    return sorted((folder / "labelmaps").glob("*.nii.gz"))[TRAINING_HEADS:] if folder else []


def twice_as_fine(tissues: Tensor) -> Tensor:
    """The same classes on half the voxel size, as images are made from."""
    return tissues.repeat_interleave(2, 0).repeat_interleave(2, 1).repeat_interleave(2, 2)
