"""Readable names of features, from their names in PyRadiomics."""

from __future__ import annotations

import re

from NeuroOrbitLib.radiomics.names import CLASSES
from NeuroOrbitLib.sentences import sentence as _

_CLASSES = {"shape": _("shape"), "firstorder": _("first order"), "glcm": "GLCM", "glrlm": "GLRLM", "glszm": "GLSZM",
            "gldm": "GLDM", "ngtdm": "NGTDM"}
_IMAGES = {"squareroot": _("square root"), "square": _("square"), "logarithm": _("logarithm"),
           "exponential": _("exponential"), "gradient": _("gradient"), "lbp-2D": _("local binary patterns")}
#: Positions between the words of a name: before a capital that begins a word, before and after digits.
_BETWEEN = re.compile(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[A-Z0-9])(?=[A-Z][a-z])")


def is_feature_name(name: str) -> bool:
    """Return whether a text is the full name of a feature in PyRadiomics, e.g. "wavelet-LLH_glcm_Contrast"."""
    parts = name.split("_")
    return len(parts) == 3 and parts[2] in CLASSES.get(parts[1], ())


def readable_name(name: str) -> str:
    """Return a readable name of a feature, e.g. "Cluster shade (GLCM, wavelet LLH)".

    :param name: full name in PyRadiomics.
    """
    image, kind, feature = name.split("_")
    words = " ".join(word if word.isupper() and len(word) > 1 else word.lower() for word in _BETWEEN.split(feature))
    words = words[:1].upper() + words[1:]
    if image == "original":
        return _("{feature} ({kind})").format(feature=words, kind=_CLASSES[kind])
    return _("{feature} ({kind}, {image})").format(feature=words, kind=_CLASSES[kind], image=_image(image))


def _image(image: str) -> str:
    if image.startswith("log-sigma-"):
        width = image.removeprefix("log-sigma-").partition("-mm")[0].replace("-", ".")
        return f"LoG {width} mm"
    return _IMAGES.get(image, image.replace("-", " "))
