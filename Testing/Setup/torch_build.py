"""PyTorch without CUDA, for machines without PyTorch.

A plain ``pip install torch`` on x86-64 Linux brings several gigabytes of CUDA libraries that neither the demo nor
the tests use. The builds without CUDA are looked for first; an installed torch of any kind is left as it is, unless it
is one that must not read weights (before 2.10, see NeuroOrbitLib/models/torch_release.py).
"""

from __future__ import annotations

import urllib.error
import urllib.request
from pathlib import Path

from Testing.Setup.console import SetupError, is_offline, pip_install, run, say, succeeds

RELEASE = "2.13.0"  # the release with which the tests are known to pass
# Requirement of pyproject.toml; the next step would replace an older release by the build with CUDA.
IS_USABLE = "import torch; raise SystemExit(tuple(map(int, torch.__version__.split('.')[:2])) < (2, 10))"
CPU_BUILDS = "https://download.pytorch.org/whl/cpu"


def ensure(python: Path) -> None:
    """Install torch unless one that is new enough can be imported.

    :raises SetupError: when no build is available.
    """
    if succeeds([python, "-c", IS_USABLE]):
        return
    say("Installing PyTorch (build without CUDA)")
    # 1. A wheel without CUDA in a place that pip is configured with (a mirror, a folder); fails at once if there is
    # none.
    if succeeds(pip_install(python, f"torch=={RELEASE}+cpu")):
        return
    # 2. PyTorch's own index of such wheels, if it can be reached.
    without_cuda = pip_install(python, f"torch=={RELEASE}", "--index-url", CPU_BUILDS)
    if not is_offline() and _reachable(CPU_BUILDS) and run(without_cuda):
        return
    # 3. pip's default, which on macOS and ARM is the build without CUDA.
    if not is_offline():
        say(f"PyTorch's index of builds without CUDA cannot be reached; installing torch {RELEASE} as pip finds it")
    if not run(pip_install(python, f"torch=={RELEASE}")):
        raise SetupError(
            f"PyTorch could not be installed. Install it yourself, then try again:\n    {python} -m pip install torch"
        )


def _reachable(address: str) -> bool:
    request = urllib.request.Request(address + "/torch/", method="HEAD")
    try:
        with urllib.request.urlopen(request, timeout=5):
            return True
    except (urllib.error.URLError, OSError):
        return False
