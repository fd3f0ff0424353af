"""Radiomics features against PyRadiomics' own execute, in one run.

``python -m Testing.Experiments.benchmarks.radiomics_features``

The 1037 features of the profile "full" for the four recti and for two combined regions (both sides together), as the
study of one patient takes them, on coronal scans of 256 x 256 x 32 and 512 x 512 x 24 voxels. The exit status is 1
when a limit is exceeded or a value differs. Plain execute takes about a minute per scan.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

REPOSITORY = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(REPOSITORY / "IVGCResponse"))

from IVGCResponseLib import muscle_groups  # noqa: E402
from NeuroOrbitLib.anatomy.structures import RECTI, structure  # noqa: E402
from NeuroOrbitLib.imaging.files import itk_from_image  # noqa: E402
from NeuroOrbitLib.imaging.image import Grid, Image  # noqa: E402
from NeuroOrbitLib.imaging.resampling import resample, resample_labels  # noqa: E402
from NeuroOrbitLib.phantom.patients.sample_scans import make_sample  # noqa: E402
from NeuroOrbitLib.radiomics.extraction import Features, extract_features  # noqa: E402
from NeuroOrbitLib.radiomics.profiles import read_profile  # noqa: E402
from NeuroOrbitLib.radiomics.regions import Region  # noqa: E402
from Testing.Experiments.benchmarks.timing import Seconds, median_seconds  # noqa: E402

STRATEGIES = tuple(Region(name, muscle_groups.values_of(name)) for name in muscle_groups.STRATEGIES)
#: Voxels (I, J, K) with their size in mm: K goes from front to back.
SCANS = {"256x256x32": (0.7, 3.0), "512x512x24": (0.35, 4.0)}
GAIN, OWN_GAIN, LIMIT_S, EQUALITY = 3.0, 1.0, 5.0, {"pyradiomics": 1e-9, "own": 1e-6}


def main() -> int:
    """Measure and print; return 1 when a limit is exceeded."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results to this file as well")
    options = parser.parse_args()
    results = measure()
    print("\n".join(f"{name:<58}  {wall:>9}  {processor:>9}" for name, wall, processor in rows(results)))
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    missed = exceeded(results)
    for text in missed:
        print(f"LIMIT EXCEEDED: {text}", file=sys.stderr)
    return int(bool(missed))


def measure() -> dict[str, Any]:
    """Return seconds of plain execute and of both engines on every scan, and the largest differences of values."""
    sample = make_sample("TED-MR-T2FS")
    return {name: _measure_scan(*_coronal(sample.image, sample.labels, name)) for name in SCANS}


def _coronal(image: Image, labels: Image, name: str) -> tuple[Image, Image]:
    columns, lines, slices = (int(number) for number in name.split("x"))
    in_plane, between = SCANS[name]
    affine = np.eye(4)
    affine[:3, :3] = np.array([[in_plane, 0, 0], [0, 0, between], [0, in_plane, 0]])
    extent = np.array([columns * in_plane, slices * between, lines * in_plane])
    affine[:3, 3] = labels.grid.center - extent / 2
    grid = Grid((slices, lines, columns), affine)
    recti = [value for muscle in RECTI for value in structure(muscle).values]
    found = labels.with_array(np.where(np.isin(labels.array, recti), labels.array, 0))
    values = resample(image, grid, fill=float(image.array.min())).array
    return Image(values.astype(np.int16), affine), resample_labels(found, grid)


def _measure_scan(image: Image, labels: Image) -> dict[str, Any]:
    found: dict[str, Features] = {}
    plain: dict[str, dict[str, float]] = {}

    def run(engine: str) -> None:
        found[engine] = extract_features(image, labels, STRATEGIES, read_profile("full"), engine)

    engines = {name: median_seconds(lambda name=name: run(name), 3) for name in EQUALITY}
    execute = median_seconds(lambda: plain.update(_execute(image, labels)), 1, warm_up=False)
    return {
        "voxels": [int(region.mask(labels.array).sum()) for region in STRATEGIES],
        **execute.named("execute"), **engines["pyradiomics"].named("pyradiomics"), **engines["own"].named("own"),
        "difference": {name: _difference(features, plain) for name, features in found.items()},
        "gain": {name: _gain(execute, seconds) for name, seconds in engines.items()},
    }


def _gain(execute: Seconds, seconds: Seconds) -> float:
    return execute.processor / seconds.processor


def _execute(image: Image, labels: Image) -> dict[str, dict[str, float]]:
    """Run PyRadiomics as its manual describes: with one mask and one call per region."""
    import logging

    import SimpleITK as sitk
    from radiomics.featureextractor import RadiomicsFeatureExtractor

    logging.getLogger("radiomics").setLevel(logging.CRITICAL)
    parameters = read_profile("full").passes[0].as_parameters()
    extractor = RadiomicsFeatureExtractor(_without_unset(parameters), additionalInfo=False)
    scan, values = itk_from_image(image), {}
    for region in STRATEGIES:
        mask = itk_from_image(labels.with_array(region.mask(labels.array).astype(np.uint8)))
        result = extractor.execute(scan, sitk.Cast(mask, sitk.sitkUInt8))
        values[region.name] = {name: float(value) for name, value in result.items()}
    return values


def _without_unset(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that PyRadiomics' check of parameters accepts."""
    known = ("normalize", "normalizeScale", "removeOutliers", "binWidth", "voxelArrayShift")
    return {**parameters, "setting": {key: parameters["setting"][key] for key in known}}


def _difference(found: Features, plain: Mapping[str, Mapping[str, float]]) -> float:
    """Return the largest relative difference of a value (absolute below 1e-3)."""
    return max(abs(value - plain[region][name]) / max(abs(plain[region][name]), 1e-3)
               for region in plain for name, value in found.of(region).items())


def exceeded(results: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each exceeded limit."""
    found = []
    for scan, result in results.items():
        for engine, gain in result["gain"].items():
            wanted = OWN_GAIN if engine == "own" else GAIN
            if gain < wanted:
                found.append(f"features of {scan} by {engine} take only 1/{gain:.1f} of plain execute (1/{wanted})")
            seconds = min(result[f"{engine}_s"], result[f"{engine}_processor_s"])
            if seconds > LIMIT_S:
                found.append(f"features of {scan} by {engine} take {seconds:.1f} s (limit {LIMIT_S})")
            if result["difference"][engine] > EQUALITY[engine]:
                found.append(f"features of {scan} by {engine} differ by {result['difference'][engine]:.0e}")
    return found


def rows(results: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return the results for people: name, wall time or value, processor time."""
    found = []
    for scan, result in results.items():
        for key, name in (("execute", "PyRadiomics' execute"), ("pyradiomics", "engine pyradiomics"),
                          ("own", "engine own")):
            found.append((f"1037 features of 6 regions, {scan}, {name}", f"{result[f'{key}_s']:.2f} s",
                          f"{result[f'{key}_processor_s']:.2f} s"))
        for engine, gain in result["gain"].items():
            found.append((f"    execute / {engine}", "", f"{gain:.1f}"))
            found.append((f"    largest difference of {engine}", f"{result['difference'][engine]:.0e}", ""))
    return found


if __name__ == "__main__":
    sys.exit(main())
