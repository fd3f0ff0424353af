"""Files that come with the extension: model packages, terminology, colour and normative tables."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
# The files are inside an installed Python package, but beside it in the source folder and in Slicer.
_PLACES = (_PACKAGE / "Resources", _PACKAGE.parent / "Resources")


def resource_path(*parts: str) -> Path:
    """Return the path of a file or folder in ``Resources``, wherever the extension is installed.

    :param parts: folders and name below ``Resources``, for example ``("models", "manifest.json")``.
    :raises FileNotFoundError: if this installation lacks it.
    """
    for place in _PLACES:
        path = place.joinpath(*parts)
        if path.exists():
            return path
    name = "/".join(("Resources", *parts))
    raise FileNotFoundError(f"This installation of NeuroOrbit is incomplete: {name} is missing. Install it again.")
