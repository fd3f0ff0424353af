"""Names of image files."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from NeuroOrbitLib.files.device_names import is_device_name

#: How nnU-Net's image files end before the type of file: the first channel.
NNUNET_CHANNEL = "_0000"
#: The longest name in bytes, with room for endings.
_LONGEST = 150
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


def safe_file_name(text: str) -> str:
    """Return ``text`` as the name of one file or folder on every system; it never leads out of its folder.

    Separators of paths, spaces, control characters and what Windows forbids become ``-``; names that Windows keeps for
    devices get a ``_`` before them; long names are cut and end with a digest of the whole. The same text always gives
    the same name, but two texts may share one: compare :func:`file_name_key` where that matters.
    """
    composed = unicodedata.normalize("NFC", text)
    visible = "".join(letter for letter in composed if unicodedata.category(letter) not in ("Cf", "Cn", "Cs", "Co"))
    name = re.sub(r'[<>:"/\\|?*\s\x00-\x1f\x7f-\x9f]+', "-", visible.strip()).strip(".-") or "unnamed"
    if is_device_name(name):
        name = f"_{name}"
    if len(name.encode("utf-8")) > _LONGEST:
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        name = name.encode("utf-8")[:_LONGEST - 13].decode("utf-8", "ignore") + "-" + digest
    return name


def file_name_key(name: str) -> str:
    """Return what is equal for names that some file system takes for one: letter case and composition do not count."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
