"""Radiomics features against their references: ``python -m Testing.Experiments.validation.radiomics_references``.

Prints the values of the IBSI digital phantom beside their consensus, and the distance of both engines from PyRadiomics'
own baseline of its test case brain1. The references are read from the folder ``radiomics`` of the real data. The exit
status is 1 when a value differs.
"""

from __future__ import annotations

import ast
import csv
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from NeuroOrbitLib.evaluation.reports.text import aligned
from NeuroOrbitLib.imaging.files import load_image
from NeuroOrbitLib.radiomics.extraction import extract_features
from NeuroOrbitLib.radiomics.profiles import Profile
from NeuroOrbitLib.radiomics.regions import Region
from NeuroOrbitLib.radiomics.settings import KEYS, Extraction
from Testing.real_data import real_data_folder

#: Tolerance for the baseline's mesh, which is older than that of PyRadiomics 3.0.1, whose own tests allow 3 %.
OLD_MESH = 1e-3
OF_THE_MESH = tuple(f"original_shape_{name}" for name in ("MeshVolume", "Sphericity", "SurfaceArea",
                                                          "SurfaceVolumeRatio"))
#: IBSI's anchor of each computed feature; "3D, averaged" for matrices of several directions.
_MORPHOLOGY = {
    "volume": "MeshVolume", "approx_volume": "VoxelVolume", "area": "SurfaceArea",
    "surface_volume_ratio": "SurfaceVolumeRatio", "sphericity": "Sphericity", "max_3d_diam": "Maximum3DDiameter",
    "pca_major": "MajorAxisLength", "pca_minor": "MinorAxisLength", "pca_least": "LeastAxisLength",
    "pca_elongation": "Elongation", "pca_flatness": "Flatness",
}  # fmt: skip
_STATISTICS = {
    "mean": "Mean", "variance": "Variance", "skewness": "Skewness", "kurtosis": "Kurtosis", "median": "Median",
    "minimum": "Minimum", "p10": "10Percentile", "p90": "90Percentile", "maximum": "Maximum",
    "iqr": "InterquartileRange", "range": "Range", "mean_absolute_dev": "MeanAbsoluteDeviation",
    "robust_mean_absolute_dev": "RobustMeanAbsoluteDeviation", "energy": "Energy",
    "root_mean_square": "RootMeanSquared",
}  # fmt: skip
_COOCCURRENCE = {
    "joint_maximum": "MaximumProbability", "joint_average": "JointAverage", "joint_variance": "SumSquares",
    "joint_entropy": "JointEntropy", "difference_average": "DifferenceAverage",
    "difference_variance": "DifferenceVariance", "difference_entropy": "DifferenceEntropy",
    "sum_average": "SumAverage", "sum_variance": "ClusterTendency", "sum_ENTROPY": "SumEntropy",
    "uniformity": "JointEnergy", "contrast": "Contrast", "dissimilarity": "DifferenceAverage",
    "inverse_difference": "Id", "inverse_difference_normalised": "Idn", "inverse_difference_moment": "Idm",
    "inverse_difference_moment_normalised": "Idmn", "inverse_variance": "InverseVariance",
    "correlation": "Correlation", "autocorrelation": "Autocorrelation", "cluster_tendency": "ClusterTendency",
    "cluster_shade": "ClusterShade", "cluster_prominence": "ClusterProminence", "information_corr_1": "Imc1",
    "information_corr_2": "Imc2",
}  # fmt: skip
_RUNS = {
    "short_runs_emphasis": "ShortRunEmphasis", "long_runs_emphasis": "LongRunEmphasis",
    "low_grey_level_run_emphasis": "LowGrayLevelRunEmphasis",
    "high_grey_level_run_emphasis": "HighGrayLevelRunEmphasis",
    "short_run_low_grey_level_emphasis": "ShortRunLowGrayLevelEmphasis",
    "short_run_high_grey_level_emphasis": "ShortRunHighGrayLevelEmphasis",
    "long_run_low_grey_level_emphasis": "LongRunLowGrayLevelEmphasis",
    "long_run_high_grey_level_emphasis": "LongRunHighGrayLevelEmphasis",
    "grey_level_non_uniformity": "GrayLevelNonUniformity",
    "grey_level_non_uniformity_normalised": "GrayLevelNonUniformityNormalized",
    "run_length_non_uniformity": "RunLengthNonUniformity",
    "run_length_non_uniformity_normalised": "RunLengthNonUniformityNormalized", "run_percentage": "RunPercentage",
    "grey_level_variance": "GrayLevelVariance", "run_length_variance": "RunVariance", "run_entropy": "RunEntropy",
}  # fmt: skip
_ZONES = {
    "large_zone_emphasis": "LargeAreaEmphasis", "low_grey_level_zone_emphasis": "LowGrayLevelZoneEmphasis",
    "high_grey_level_zone_emphasis": "HighGrayLevelZoneEmphasis",
    "small_zone_low_grey_level_emphasis": "SmallAreaLowGrayLevelEmphasis",
    "small_zone_high_grey_level_emphasis": "SmallAreaHighGrayLevelEmphasis",
    "large_zone_low_grey_level_emphasis": "LargeAreaLowGrayLevelEmphasis",
    "large_zone_high_grey_level_emphasis": "LargeAreaHighGrayLevelEmphasis",
    "grey_level_non_uniformity": "GrayLevelNonUniformity",
    "grey_level_non_uniformity_normalised": "GrayLevelNonUniformityNormalized",
    "zone_size_non_uniformity": "SizeZoneNonUniformity",
    "zone_size_non_uniformity_normalised": "SizeZoneNonUniformityNormalized", "zone_percentage": "ZonePercentage",
    "grey_level_variance": "GrayLevelVariance", "zone_size_variance": "ZoneVariance",
    "zone_size_entropy": "ZoneEntropy",
}  # fmt: skip
_TONES = {name.lower(): name for name in ("Coarseness", "Contrast", "Busyness", "Complexity", "Strength")}
_DEPENDENCES = {
    "low_dependence_emphasis": "SmallDependenceEmphasis", "high_dependence_emphasis": "LargeDependenceEmphasis",
    "low_grey_level_count_emphasis": "LowGrayLevelEmphasis", "high_grey_level_count_emphasis": "HighGrayLevelEmphasis",
    "low_dependence_low_grey_level_emphasis": "SmallDependenceLowGrayLevelEmphasis",
    "low_dependence_high_grey_level_emphasis": "SmallDependenceHighGrayLevelEmphasis",
    "high_dependence_low_grey_level_emphasis": "LargeDependenceLowGrayLevelEmphasis",
    "high_dependence_high_grey_level_emphasis": "LargeDependenceHighGrayLevelEmphasis",
    "grey_level_non_uniformity": "GrayLevelNonUniformity",
    "dependence_count_non_uniformity": "DependenceNonUniformity",
    "normalised_dependence_count_non_uniformity": "DependenceNonUniformityNormalized",
    "grey_level_variance": "GrayLevelVariance", "dependence_count_variance": "DependenceVariance",
    "dependence_count_entropy": "DependenceEntropy",
}  # fmt: skip
_FAMILIES = {
    "feat_morph_": ("shape", "", _MORPHOLOGY), "feat_stat_": ("firstorder", "", _STATISTICS),
    "feat_int_hist_": ("firstorder", "", {"entropy": "Entropy", "uniformity": "Uniformity"}),
    "feat_cm_": ("glcm", "3D, averaged", _COOCCURRENCE), "feat_rlm_": ("glrlm", "3D, averaged", _RUNS),
    "feat_szm_": ("glszm", "3D", _ZONES), "feat_ngtdm_": ("ngtdm", "3D", _TONES),
    "feat_ngldm_": ("gldm", "3D", _DEPENDENCES),
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A value beside its reference."""

    name: str
    value: float
    reference: float
    agrees: bool


def ibsi_rows(folder: Path, definitions: str = "ibsi") -> list[Row]:
    """Return the rows of all IBSI features that we compute, on IBSI's digital phantom.

    :param definitions: "ibsi" or "pyradiomics".
    """
    image, mask = (load_image(folder / f"ibsi_digital_phantom_{kind}.nii.gz") for kind in ("image", "mask"))
    wish = Extraction.from_parameters({"setting": {"binWidth": 1}, "definitions": definitions})
    found = extract_features(image, mask, [Region("region", (1,))], Profile("ibsi", "", (wish,)), "own")
    values = found.of("region")
    rows = []
    with (folder / "ibsi_digital_phantom.csv").open(encoding="utf-8", newline="") as stream:
        for line in csv.DictReader(stream):
            name = _our_name(line["anchor"], line["aggregation"])
            if name:
                reference, tolerance = _number(line["value"]), _tolerance(line["tolerance"])
                rows.append(Row(name, values[name], reference, _agrees(values[name], reference, tolerance)))
    return rows


def _our_name(anchor: str, aggregation: str) -> str:
    # The reference table has the line of the small zone emphasis under the anchor of the run entropy.
    if (anchor, aggregation) == ("feat_rlm_run_entropy", "3D"):
        return "original_glszm_SmallAreaEmphasis"
    for prefix, (kind, wanted, names) in _FAMILIES.items():
        feature = names.get(anchor.removeprefix(prefix)) if anchor.startswith(prefix) else None
        if feature and aggregation == wanted:
            return f"original_{kind}_{feature}"
    return ""


def _number(text: str) -> float:
    return float(text.replace("`\\ ", ""))


def _tolerance(text: str) -> float | None:
    return float(text) if text[:1].isdigit() else None


def _agrees(value: float, reference: float, tolerance: float | None) -> bool:
    """Return whether a value is within the tolerance or, without one, equal to the three published digits."""
    return abs(value - reference) <= tolerance if tolerance else float(f"{value:.3g}") == reference


def baseline_rows(folder: Path, engine: str) -> Iterator[tuple[str, Row]]:
    """Yield the rows of PyRadiomics' baseline of its test case brain1 for all its settings: setting and value."""
    image, label = load_image(folder / "brain1_image.nrrd"), load_image(folder / "brain1_label.nrrd")
    for table in sorted((folder / "pyradiomics_baseline").glob("*.csv")):
        with table.open(encoding="utf-8", newline="") as stream:
            lines = {line["featureName"]: line for line in csv.DictReader(stream)}
        for case in [name for name in next(iter(lines.values())) if name.startswith("brain1")]:
            settings = _settings(ast.literal_eval(lines["diagnostics_Configuration_Settings"][case]))
            parameters = {"setting": settings, "featureClass": {table.stem: []}}
            wish = Profile(case, "", (Extraction.from_parameters(parameters),))
            values = extract_features(image, label, [Region("region", (1,))], wish, engine).of("region")
            for name, value in values.items():
                if lines.get(name, {}).get(case):
                    reference = float(lines[name][case])
                    allowed = OLD_MESH if name in OF_THE_MESH else 1e-6
                    close = value is not None and abs(value - reference) <= allowed * abs(reference) + 1e-9
                    yield case, Row(name, float("nan") if value is None else value, reference, close)


def _settings(found: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in found.items() if key in KEYS and value is not None}


def main() -> int:
    """Print the tables; return 1 when a value differs."""
    folder = real_data_folder()
    if folder is None or not (folder / "radiomics").is_dir():
        print("The references are not there. Set NEUROORBIT_REAL_DATA.", file=sys.stderr)
        return 1
    folder = folder / "radiomics"
    rows = ibsi_rows(folder)
    print(aligned([["Feature on the IBSI phantom", "Ours", "Consensus", ""],
                   *([row.name, f"{row.value:.4g}", f"{row.reference:g}", "" if row.agrees else "DIFFERS"]
                     for row in rows)]))
    plain = ibsi_rows(folder, "pyradiomics")
    print("\nOther under PyRadiomics' definitions: "
          + ", ".join(f"{row.name} {row.value:.4g}" for row in plain if not row.agrees))
    missed = [row for row in rows if not row.agrees]
    for engine in ("own", "pyradiomics"):
        found = list(baseline_rows(folder, engine))
        wrong = [(case, row) for case, row in found if not row.agrees]
        print(f"\nBaseline of PyRadiomics' case brain1, engine {engine}: {len(found)} values, {len(wrong)} differ")
        for case, row in wrong:
            print(f"  {case} {row.name}: {row.value!r}, baseline {row.reference!r}")
        missed += [row for _, row in wrong]
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
