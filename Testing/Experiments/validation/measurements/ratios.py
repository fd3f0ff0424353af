"""Errors of signal ratios, by the fineness of the bias correction before them, on phantoms.

``python -m Testing.Experiments.validation.measurements.ratios [--patients 2] [--docs FILE]``: every phantom is scanned
under three coils. The true ratio is that of the scan under an even coil without correction, from
true masks. With ``--docs`` the table is written between the markers of a page.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np

from NeuroOrbitLib.files.safe import write_text
from NeuroOrbitLib.imaging.geometry import reorient_to_ras
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.intensity import correct_bias_field
from NeuroOrbitLib.measurements.scan_ratios import scan_ratios
from NeuroOrbitLib.measurements.signal_ratio import REFERENCES
from NeuroOrbitLib.phantom.patients.patient import centred_grid, make_patient
from NeuroOrbitLib.phantom.scanner.mr import Artefacts, simulate_mr
from NeuroOrbitLib.phantom.scanner.protocols import protocol
from NeuroOrbitLib.phantom.scanner.rendering import Pose

#: Protocols: few axial slices, few coronal ones, and a whole head.
PROTOCOLS = ("mr-axial-spir", "mr-coronal-t2fs", "mr-t1")
#: Coils: even, smooth (half the range of its brightness is 30 %), and one in front of the face, whose signal is half at
#: 60 mm. Levels of the correction; 0 for none.
COILS, LEVELS = ("even", "±30 %", "surface"), (0, 1, 2, 4)
_BIAS, _HALF_MM = 0.3, 60.0
_FIRST_SEED, _SEVERITY, _ACTIVITY = 9400, 0.6, 0.8
_BEGIN, _END = "<!-- ratios: written by the command with --docs -->\n", "<!-- end of ratios -->"


def scanned(seed: int, protocol_name: str, bias: float) -> tuple[Image, Image]:
    """Return an MRI of a phantom with active disease, and its labels, under a coil whose brightness varies smoothly."""
    patient, plan = make_patient(seed, _SEVERITY, _ACTIVITY, protocols=()), protocol(protocol_name)
    pose = Pose.from_angles((0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
    scan = simulate_mr(patient.head, centred_grid(plan, pose), plan, seed, pose, patient.muscles,
                       replace(Artefacts(), bias=bias))
    return reorient_to_ras(scan.image), scan.labels


def under_surface_coil(image: Image) -> Image:
    """Return an MRI (in RAS axis order) as a coil in front of the face shows it."""
    steps = np.arange(image.array.shape[1])[:, None] * image.spacing[1]
    head = steps[(image.array > 0.2 * image.array.max()).any(axis=(0, 2))]
    away = np.maximum(head.max() - steps, 0.0)
    return image.with_array((image.array / (1 + (away / _HALF_MM) ** 2)).astype(np.float32))


def ratios_of(image: Image, labels: Image) -> np.ndarray:
    """Return the ratios of the recti, (muscles, references); NaN without a reference."""
    found = scan_ratios(image, labels)
    return np.array([[found.ratio(muscle, name) for name in REFERENCES] for muscle in found.muscles])


def errors(protocol_name: str, patients: int) -> dict[tuple[str, int], np.ndarray]:
    """Return the ratios over their true values, (muscles of all patients, references), by coil and level."""
    found: dict[tuple[str, int], list[np.ndarray]] = {}
    for seed in range(_FIRST_SEED, _FIRST_SEED + patients):
        (even, labels), (smooth, own) = (scanned(seed, protocol_name, bias) for bias in (0.0, _BIAS))
        scans = dict(zip(COILS, ((even, labels), (smooth, own), (under_surface_coil(even), labels)), strict=True))
        true = ratios_of(even, labels)
        for coil, level in product(COILS, LEVELS):
            image, masks = scans[coil]
            corrected = correct_bias_field(image, levels=level) if level else image
            found.setdefault((coil, level), []).append(ratios_of(corrected, masks) / true)
    return {key: np.concatenate(values) for key, values in found.items()}


def table_of(patients: int) -> list[str]:
    """Return the lines of the table, as Markdown."""
    heads = ["none" if not level else f"{level} level{'s' if level > 1 else ''}" for level in LEVELS]
    lines = [f"| scan | coil | reference | {' | '.join(heads)} |", "| --- " * (3 + len(LEVELS)) + "|"]
    for name in PROTOCOLS:
        found = errors(name, patients)
        for coil, (column, reference) in product(COILS, enumerate(REFERENCES)):
            shares = [found[coil, level][:, column] for level in LEVELS]
            if np.isfinite(shares[0]).any():
                lines.append(f"| {name} | {coil} | {reference} | {' | '.join(map(_as_text, shares))} |")
    return lines


def _as_text(shares: np.ndarray) -> str:
    return f"{100 * np.nanmean(shares):.0f} ± {100 * np.nanstd(shares):.0f} %"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table, and write it into a page if wanted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", type=int, default=2, help="phantoms per protocol")
    parser.add_argument("--docs", type=Path, help="page with the markers of the table")
    options = parser.parse_args(arguments)
    text = "\n".join(table_of(options.patients)) + "\n"
    print(text)
    if options.docs:
        page = options.docs.read_text(encoding="utf-8")
        before, after = page.split(_BEGIN)[0], page.split(_END)[1]
        write_text(options.docs, f"{before}{_BEGIN}{text}{_END}{after}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
