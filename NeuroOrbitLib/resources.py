"""Files that come with the extension: model packages, terminology, colour and normative tables."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
# Installed as a Python package, the files lie inside it; in the source folder and in Slicer, beside it.
_PLACES = (_PACKAGE / "Resources", _PACKAGE.parent / "Resources")


def resource_path(*parts: str) -> Path:
    """Path of a file or folder of ``Resources``, wherever the extension is installed.

    :param parts: folders and name below ``Resources``, for example ``("models", "manifest.json")``.
    :raises FileNotFoundError: when this installation lacks it.
    """
    for place in _PLACES:
        path = place.joinpath(*parts)
        if path.exists():
            return path
    name = "/".join(("Resources", *parts))
    raise FileNotFoundError(f"This installation of NeuroOrbit is incomplete: {name} is missing. Install it again.")
