"""Names of image files."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from NeuroOrbitLib.files.device_names import is_device_name

#: End of the names of nnU-Net's image files before the file type: the number of the first channel.
NNUNET_CHANNEL = "_0000"
#: Longest name in bytes, which leaves room for endings.
_LONGEST = 150
IMAGE_ENDINGS = (".nii.gz", ".nii", ".nrrd", ".mha", ".mhd", ".nhdr")
#: Ends of the names of files with labels, before the file type, in upper or lower case.
LABEL_MARKS = ("_labels", "_label", "_segmentation", "_prediction", "_seg", "_mask", "-labels", "-label", "-seg",
               ".seg")


def is_image_name(name: str) -> bool:
    """Return whether a file name has one of :data:`IMAGE_ENDINGS`, in upper or lower case."""
    return name.lower().endswith(IMAGE_ENDINGS)


def strip_ending(name: str) -> str:
    """Return a file name without its image ending, such as ``.nii.gz``."""
    return next((name[: -len(end)] for end in IMAGE_ENDINGS if name.lower().endswith(end)), name)


def is_label_name(name: str) -> bool:
    """Return whether a file name ends with one of :data:`LABEL_MARKS`, so that it is no scan by its name."""
    return strip_ending(name).lower().endswith(LABEL_MARKS)


def without_label_mark(name: str) -> str:
    """Return a file name without its image ending and the mark of a label map: ``P01`` for ``P01_Labels.nii.gz``."""
    stem = strip_ending(name)
    return next((stem[: -len(mark)] for mark in LABEL_MARKS if stem.lower().endswith(mark)), stem)


def without_channel(name: str) -> str:
    """Return a file name such as ``orbit_00001_0000.nii.gz`` without the channel ``_0000`` at its end.

    The same digits elsewhere, e.g. in the number of the case, stay.
    """
    stem = strip_ending(name)
    return stem.removesuffix(NNUNET_CHANNEL) + name[len(stem):]


def safe_file_name(text: str) -> str:
    """Return ``text`` as a valid name of a file or folder on every system; it never leads out of its folder.

    Path separators, spaces, control characters and the characters that Windows forbids become ``-``; names that Windows
    reserves for devices are prefixed with ``_``; long names are cut and end with a digest of the full name. The same
    text always gives the same name, but two texts may give the same name: compare :func:`file_name_key` where that
    matters.
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
    """Return a key that is equal for names that some file systems do not distinguish (case, composed letters)."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
