"""Write the manifest of a folder of model packages.

Usage: ``python -m NeuroOrbitLib.models [FOLDER]`` (the extension's own by default).
"""

from __future__ import annotations

import sys
from pathlib import Path

from NeuroOrbitLib.models.manifest import write_manifest
from NeuroOrbitLib.resources import resource_path

if __name__ == "__main__":
    print(write_manifest(Path(sys.argv[1]) if len(sys.argv) > 1 else resource_path("Models")))
