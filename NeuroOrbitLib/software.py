"""Software versions for the records of results."""

from __future__ import annotations

import platform


def software_versions() -> dict[str, str]:
    """Return the versions of the software that computed a result, by name; torch is imported."""
    import numpy
    import SimpleITK
    import torch

    from NeuroOrbitLib import __version__

    return {"NeuroOrbit": __version__, "Python": platform.python_version(), "torch": torch.__version__,
            "SimpleITK": SimpleITK.Version.VersionString(), "numpy": numpy.__version__}
