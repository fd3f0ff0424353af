"""Names of image files."""

from __future__ import annotations

#: How nnU-Net's image files end before the type of file: the first channel.
NNUNET_CHANNEL = "_0000"
IMAGE_ENDINGS = (".nii.gz", ".nii", ".nrrd", ".mha", ".mhd", ".nhdr")


def is_image_name(name: str) -> bool:
    """Whether a file name ends like an image's."""
    return name.lower().endswith(IMAGE_ENDINGS)


def strip_ending(name: str) -> str:
    """File name without ``.nii.gz`` and the like."""
    return next((name[: -len(end)] for end in IMAGE_ENDINGS if name.lower().endswith(end)), name)


def without_channel(name: str) -> str:
    """``orbit_00001_0000.nii.gz`` without the channel at its end; the number of the case may hold the same digits."""
    stem = strip_ending(name)
    return stem.removesuffix(NNUNET_CHANNEL) + name[len(stem):]
