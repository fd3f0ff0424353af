"""Check whether the installed PyTorch can read its own files without running code from them.

``torch.load(..., weights_only=True)`` could be made to run code before 2.6 (CVE-2025-32434) and to corrupt memory
before 2.10 (CVE-2026-24747). Slicer's PyTorch extension may install an older release; weights are then only read from
safetensors files.
"""

from __future__ import annotations

import re
from pathlib import Path

from NeuroOrbitLib.models.problem import ModelProblem
from NeuroOrbitLib.sentences import sentence as _

#: The oldest release whose ``torch.load`` has no known vulnerability.
OLDEST_SAFE = (2, 10)


def reads_safely(release: str) -> bool:
    """Return whether ``torch.load`` of a release such as "2.13.0+cpu" has no known vulnerability; False if unknown."""
    numbers = re.match(r"(\d+)\.(\d+)", release)
    return numbers is not None and tuple(map(int, numbers.groups())) >= OLDEST_SAFE


def require_safe_unpickling(path: Path) -> None:
    """Make sure that a file in PyTorch's own format can be read safely, before it is read or written.

    :raises ModelProblem: if the installed PyTorch is too old for that.
    """
    import torch

    if not reads_safely(torch.__version__):
        oldest = ".".join(map(str, OLDEST_SAFE))
        raise ModelProblem(
            _("{path} is not opened: reading files of this kind is not safe with PyTorch {version__}. Install "
              "PyTorch {oldest} or newer; of models, use packages with weights in a safetensors file.").format(
            path=path, version__=torch.__version__, oldest=oldest)
        )
