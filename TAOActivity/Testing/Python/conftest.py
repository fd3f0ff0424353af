"""Scans that several tests look at, made once."""

from __future__ import annotations

import pytest

from NeuroOrbitLib.phantom.patients.patient import Scan
from TAOActivityLib.synthetic.inflammation import Inflammation
from TAOActivityLib.synthetic.plan import Visit
from TAOActivityLib.synthetic.scans import make_scan


def visit(t2: float, seed: int = 4, severity: float = 0.5, number: int = 1) -> Visit:
    """A visit with muscles of this T2."""
    found = Inflammation(t2, (1, 1, 1, 0, 0, 0, 0) if t2 > 72 else (0,) * 7)
    return Visit(f"P{seed:03d}-{number}", f"P{seed:03d}", number, seed, 10 * seed + number, severity, found)


@pytest.fixture(scope="session")
def active_scan() -> Scan:
    """Very active disease."""
    return make_scan(visit(98.0))


@pytest.fixture(scope="session")
def inactive_scan() -> Scan:
    """The same patient's other visit, when the disease was burnt out."""
    return make_scan(visit(60.0, number=2))
