"""AutoCorrection: rough masks before and after, the network against the classical method.

``python Testing/Experiments/validation/autocorrection.py [--model NAME_OR_FOLDER] [--limit MM] [--pictures DIR]
[--json FILE]``

Rough masks are simulated on every few slices of each structure: on scans of phantoms that training has not seen, on
head label maps that training has not seen (painted with random contrast), and on real scans with reference labels.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

REPOSITORY = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "OrbitSegmentation"), str(REPOSITORY / "Testing")]

from real_data import annotation_of, orbit_scans, real_data_folder  # noqa: E402

from NeuroOrbitLib.anatomy.structures import STRUCTURES  # noqa: E402
from NeuroOrbitLib.imaging.files import load_image  # noqa: E402
from NeuroOrbitLib.imaging.geometry import reorient_to_ras  # noqa: E402
from OrbitSegmentationLib.refinement.correction import MODEL  # noqa: E402
from OrbitSegmentationLib.refinement.correction.distance import signed_distance  # noqa: E402
from OrbitSegmentationLib.refinement.correction.model import CorrectionModel, load_model  # noqa: E402
from OrbitSegmentationLib.refinement.correction.pipeline import correct, slice_axes  # noqa: E402
from OrbitSegmentationLib.refinement.correction.rough_masks import overlap, rough_mask  # noqa: E402
from Testing.Demo.edge_letters import mark_edges  # noqa: E402

METHODS = ("rough", "classical", "network")
PHANTOM_PROTOCOLS = ("ct-fast", "mr-axial-spir", "mr-t1")
PHANTOM_SEEDS = (9001, 9002)
HEADS = ("13", "14", "15", "16")
SLICES = 3
SMALLEST = 12
#: Structures that are scored together; the lens is inside the eyeball.
GROUPS = {"eyeball": ("eyeball", "lens"), "optic_nerve": ("optic_nerve",), "superior_rectus": ("superior_rectus",),
          "inferior_rectus": ("inferior_rectus",), "medial_rectus": ("medial_rectus",),
          "lateral_rectus": ("lateral_rectus",), "lacrimal_gland": ("lacrimal_gland",)}


@dataclass(frozen=True)
class Case:
    """A structure in a scan: intensities, true mask and unscored voxels, (K, J, I), and voxel size (mm)."""

    source: str
    structure: str
    image: np.ndarray
    truth: np.ndarray
    ignored: np.ndarray
    spacing: tuple[float, float, float]


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default=MODEL)
    parser.add_argument("--limit", type=float, default=3.0, help="distance limit in mm")
    parser.add_argument("--sources", nargs="+", default=["phantom", "heads", "real"])
    parser.add_argument("--pictures", type=Path, help="folder for pictures of the outlines")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    model, rows = load_model(options.model, "cpu"), []
    for source in options.sources:
        for case in _SOURCES[source]():
            rows += list(slice_rows(case, model, options.limit, options.pictures))
    print_table(rows)
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(rows, indent=1) + "\n")
    return 0


def phantom_cases() -> Iterator[Case]:
    """Yield scans of phantom patients by simulated scanners, not by the painter that training uses."""
    from NeuroOrbitLib.phantom.patients.patient import make_patient

    for seed in PHANTOM_SEEDS:
        for protocol in PHANTOM_PROTOCOLS:
            scan = make_patient(seed, protocols=(protocol,)).scans[protocol]
            yield from _structures(f"phantom {protocol}", scan.image, scan.labels)


def head_cases() -> Iterator[Case]:
    """Yield label maps of real heads, painted with random contrast."""
    import torch

    from NeuroOrbitLib.phantom.head.labelmaps import EYE_MUSCLES, EYEBALL, OPTIC_NERVE
    from NeuroOrbitLib.phantom.scanner.randomised_image import synthesise
    from OrbitSegmentationLib.any_contrast.training.head_labels import (
        UNSPECIFIED_SOFT_TISSUE,
        load_head,
        tissues_from_labels,
    )

    folder = real_data_folder()
    for path in sorted((folder / "labelmaps").glob("*.nii.gz")) if folder else ():
        if not path.name.removesuffix(".nii.gz").endswith(HEADS):
            continue
        head = load_head(path)
        for frame in head.frames:
            middle = np.rint(head.labels.grid.ijk_from_ras(np.array(frame.center)))[::-1].astype(int)
            box = tuple(slice(max(m - before, 0), m + after) for m, before, after
                        in zip(middle, (28, 48, 28), (28, 24, 28), strict=True))
            labels = head.labels.array[box]
            tissues = torch.from_numpy(tissues_from_labels(labels)).repeat_interleave(2, 0)
            tissues = tissues.repeat_interleave(2, 1).repeat_interleave(2, 2)
            image = synthesise(tissues, 1.0, np.random.default_rng(int(path.name[-9:-7])), UNSPECIFIED_SOFT_TISSUE)
            for name, value in (("eyeball", EYEBALL), ("optic_nerve", OPTIC_NERVE), ("eye_muscles", EYE_MUSCLES)):
                yield Case("label maps of heads", name, image.numpy(), labels == value, np.zeros(labels.shape, bool),
                           head.labels.grid.spacing[::-1])


def real_cases() -> Iterator[Case]:
    """Yield real scans with reference labels."""
    for scan in orbit_scans():
        if annotation_of(scan):
            labels, uncertain = (load_image(path) for path in annotation_of(scan))
            yield from _structures(f"real {scan.name.split('.')[0]}", load_image(scan), labels, uncertain)


_SOURCES = {"phantom": phantom_cases, "heads": head_cases, "real": real_cases}


def _structures(source, image, labels, uncertain=None) -> Iterator[Case]:
    """Yield the right and left structures of a scan, in RAS axis order."""
    image, labels = reorient_to_ras(image), reorient_to_ras(labels)
    ignored = reorient_to_ras(uncertain).array > 0 if uncertain is not None else np.zeros(labels.array.shape, bool)
    by_key = {structure.key: structure for structure in STRUCTURES}
    for group, keys in GROUPS.items():
        for side in (0, 1):
            truth = np.isin(labels.array, [by_key[key].values[side] for key in keys])
            if truth.any():
                yield Case(source, group, image.array, truth, ignored, image.grid.spacing[::-1])


def slice_rows(case: Case, model: CorrectionModel, limit: float, pictures: Path | None) -> Iterator[dict]:
    """Yield the scores of a few slices along each axis with nearly square pixels, each with one rough mask."""
    for axis in slice_axes(case.spacing):
        spacing = tuple(size for other, size in enumerate(case.spacing) if other != axis)
        pixel = float(np.sqrt(spacing[0] * spacing[1]))
        images, truths, ignored = (np.moveaxis(a, axis, 0) for a in (case.image, case.truth, case.ignored))
        drawn = np.flatnonzero(truths.sum(axis=(1, 2)) * spacing[0] * spacing[1] >= SMALLEST)
        for number in drawn[np.linspace(0, len(drawn) - 1, SLICES + 2).astype(int)[1:-1]] if len(drawn) else ():
            seed = [len(case.source), len(case.structure), axis, int(number)]
            part = _crop(truths[number], 24)
            if not (truths[number] & ~ignored[number]).any():
                continue
            image, truth, skip = images[number][part].astype(np.float32), truths[number][part], ignored[number][part]
            rough = rough_mask(truth, image, pixel, [n[part] for n in truths[[number - 1, (number + 1) % len(truths)]]],
                               np.random.default_rng(seed))
            yield _scored(case, image, truth, skip, rough, spacing, limit, model, axis, int(number), pictures)


def _crop(mask: np.ndarray, margin: int) -> tuple[slice, slice]:
    rows, columns = np.nonzero(mask)
    return (slice(max(rows.min() - margin, 0), rows.max() + margin),
            slice(max(columns.min() - margin, 0), columns.max() + margin))


def _scored(case, image, truth, skip, rough, spacing, limit, model, axis, number, pictures) -> dict:
    row = {"source": case.source, "structure": case.structure, "axis": axis, "slice": number}
    masks = {"rough": rough}
    for method, chosen in (("classical", None), ("network", model)):
        started = time.process_time()
        masks[method] = correct(image, rough, spacing, limit, chosen).mask
        row[f"{method} ms"] = 1000 * (time.process_time() - started)
    for method, mask in masks.items():
        row[f"{method} dice"] = overlap(mask & ~skip, truth & ~skip)
        row[f"{method} mm"] = border_distance(mask, truth, spacing, skip)
    if pictures:
        draw(image, truth, masks, pictures / f"{case.source} {case.structure} {axis} {number}.png".replace(" ", "_"),
             axis)
    return row


def border_distance(mask: np.ndarray, truth: np.ndarray, spacing: tuple[float, float], skip: np.ndarray) -> float:
    """Return the mean distance (mm) between the borders where the reference is certain; 0 for equal masks."""
    distances = [signed_distance(m, spacing) for m in (mask, truth)]
    apart = np.abs(distances[0] - distances[1])
    parts = [apart[(np.abs(own) < 0.75 * max(spacing)) & ~skip] for own in distances]
    return float(np.mean([part.mean() for part in parts if part.size]))


def print_table(rows: list[dict]) -> None:
    """Print mean scores by source and structure, and time."""
    print(f"{'source':<29}{'structure':<17}{'slices':>6}   Dice rough  classical  network   "
          "border mm rough  classical  network")
    sources = list(dict.fromkeys(row["source"] for row in rows))
    for source in sources:
        for structure in [*dict.fromkeys(row["structure"] for row in rows if row["source"] == source), "all"]:
            chosen = [r for r in rows if r["source"] == source and structure in (r["structure"], "all")]
            dice, distance = ([np.mean([row[f"{m} {what}"] for row in chosen]) for m in METHODS]
                              for what in ("dice", "mm"))
            print(f"{source:<29}{structure:<17}{len(chosen):>6}   {dice[0]:10.3f}{dice[1]:11.3f}{dice[2]:9.3f}   "
                  f"{distance[0]:15.2f}{distance[1]:11.2f}{distance[2]:9.2f}")
    for method in METHODS[1:]:
        times = [row[f"{method} ms"] for row in rows]
        worse = np.mean([row[f"{method} dice"] < row["rough dice"] - 0.01 for row in rows])
        print(f"{method}: {np.median(times):.0f} ms of computing a slice, 95 of 100 below "
              f"{np.percentile(times, 95):.0f} ms; "
              f"Dice more than 0.01 worse than drawn in {100 * worse:.0f} % of {len(rows)} slices")


def draw(image: np.ndarray, truth: np.ndarray, masks: dict[str, np.ndarray], path: Path, axis: int) -> None:
    """Draw the reference (green) and each mask (red) of a slice across an axis of a scan in RAS."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, len(masks), figsize=(4 * len(masks), 4))
    for panel, (name, mask) in zip(axes, masks.items(), strict=True):
        panel.imshow(image, cmap="gray", origin="lower", vmin=np.percentile(image, 2), vmax=np.percentile(image, 98))
        panel.contour(truth, levels=[0.5], colors=["lime"], linewidths=1)
        panel.contour(mask, levels=[0.5], colors=["red"], linewidths=1)
        panel.set_title(f"{name} {overlap(mask, truth):.2f}")
        mark_edges(panel, (0.0, 1.0, 0.0) if axis == 2 else (1.0, 0.0, 0.0))
        panel.axis("off")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.tight_layout()
    figure.savefig(path, dpi=60)
    plt.close(figure)


if __name__ == "__main__":
    raise SystemExit(main())
