"""The sample patients of the module."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from NeuroOrbitLib.widgets.sample_data import PhantomSample
from TAOActivityLib.inventory import SAMPLES

FUNCTION = "TAOActivityLib.synthetic.samples:write_sample"


def samples(paths: Sequence[Path]) -> list[PhantomSample]:
    """What is offered in the module Sample Data; ``paths`` are where the worker finds the packages."""
    return [PhantomSample(kind, name, FUNCTION, tuple(paths)) for kind, name in SAMPLES.items()]
