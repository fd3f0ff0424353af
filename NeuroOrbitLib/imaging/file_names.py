"""Names of image files."""

from __future__ import annotations

IMAGE_ENDINGS = (".nii.gz", ".nii", ".nrrd", ".mha", ".mhd", ".nhdr")


def is_image_name(name: str) -> bool:
    """Whether a file name ends like an image's."""
    return name.lower().endswith(IMAGE_ENDINGS)


def strip_ending(name: str) -> str:
    """File name without ``.nii.gz`` and the like."""
    return next((name[: -len(end)] for end in IMAGE_ENDINGS if name.lower().endswith(end)), name)
