"""``evaluate``: compare label maps with their references."""

from __future__ import annotations

import argparse
import math
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from NeuroOrbitLib import privacy
from NeuroOrbitLib.command_line import SUCCESS, TerminalProgress, print_json, writes
from NeuroOrbitLib.files.safe import write_json
from NeuroOrbitLib.problem import Problem

if TYPE_CHECKING:
    from NeuroOrbitLib.evaluation.segmentation.pairs import Pair
    from NeuroOrbitLib.evaluation.segmentation.scores import StructureScore

DIRECTIONS = {"coronal": "back to front", "axial": "bottom to top", "sagittal": "left to right"}


def add_parser(subparsers: Any) -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser(
        "evaluate",
        help="compare segmentations with references",
        description="Compare one label map with its reference, or a folder of label maps with a folder of references. "
        "In folders, files belong together by name; endings _labels, _prediction and _uncertain do not count.",
    )
    parser.add_argument("--reference", required=True, type=Path, help="label map, or folder of label maps")
    parser.add_argument("--prediction", required=True, type=Path, help="label map to judge, or folder of them")
    parser.add_argument("--ignore", type=Path, help="mask of voxels that do not count, or folder of masks")
    parser.add_argument("--labels", help="label values to measure, e.g. 1,2,9 (default: those in the references); or a "
                        "file that names the values of the references: nnU-Net's dataset.json, JSON or CSV with value "
                        "and name, ITK-SNAP's label descriptions or Slicer's color table (default: dataset.json beside "
                        "the label maps, else the product's own values)")
    parser.add_argument("--prediction-labels", type=Path, metavar="FILE",
                        help="file that names the values of the predictions (default as for the references)")
    parser.add_argument("--tolerance", type=float, default=1.0, help="of the surface Dice in mm (default 1)")
    parser.add_argument("--plane", choices=("axial", "coronal", "sagittal"), default="coronal",
                        help="of the slice-by-slice IoU (default coronal)")
    parser.add_argument("--difference", type=Path,
                        help="write a label map of agreement (1), false positive (2), false negative (3) and "
                        "exchanged (4) voxels; a folder for several cases")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all numbers to FILE (- for standard output)")
    writes(parser, "difference", "json")
    privacy.add_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the tables and write the requested files; return the exit status."""
    from NeuroOrbitLib.evaluation.segmentation.pairs import find_pairs

    if not 0.0 <= arguments.tolerance < math.inf:
        raise Problem(f"--tolerance is a distance in mm, 0 or more; not {arguments.tolerance:g}.")
    labels, names = _values_or_names(arguments.labels)
    found, left_out = find_pairs(arguments.reference, arguments.prediction, arguments.ignore)
    pairs = [replace(pair, reference_names=names, prediction_names=arguments.prediction_labels) for pair in found]
    for line in left_out:
        print(f"Left out: {line}", file=sys.stderr)
    scores = _score_all(pairs, labels, arguments)
    if arguments.difference:
        _write_differences(pairs, arguments.difference)
    _show(scores, left_out, arguments)
    return SUCCESS


def _score_all(
    pairs: list[Pair], labels: list[int] | None, arguments: argparse.Namespace
) -> dict[str, dict[int, StructureScore]]:
    from NeuroOrbitLib.evaluation.segmentation.scores import labels_in, score_case

    if labels is None:
        labels = labels_in(pair.load_reference() for pair in pairs)
    if not labels:
        raise Problem("The reference holds no label: all voxels are 0. Check that it is the right file.")
    scores = {}
    with TerminalProgress() as progress:
        for done, pair in enumerate(pairs):
            progress(done / len(pairs), f"Comparing {pair.name}")
            _warn_of_prediction(pair)
            reference, prediction, ignore = pair.load()
            try:
                scores[pair.name] = score_case(
                    reference, prediction, labels, ignore, arguments.tolerance, arguments.plane
                )
            except Problem as problem:
                raise Problem(f"{pair.name}: {problem}") from problem
    if not any(score.reference_volume or score.predicted_volume for case in scores.values() for score in case.values()):
        raise Problem(f"There is nothing to compare: no voxel that counts has the label {', '.join(map(str, labels))}. "
                      "Check --labels, and that the mask of --ignore leaves something.")
    return scores


def _values_or_names(text: str | None) -> tuple[list[int] | None, Path | None]:
    """Return the label values to measure and the file that names the references' values; ``None`` if not given."""
    if text is None:
        return None, None
    if Path(text).is_file():
        return None, Path(text)
    try:
        return sorted({int(part) for part in text.split(",")}), None
    except ValueError:
        raise Problem("--labels takes whole numbers separated by commas, e.g. 1,2,9, or a file that names the values; "
                      f"not {text!r}.") from None


def _warn_of_prediction(pair: Pair) -> None:
    """Warn of a prediction that contradicts the anatomy: it may be bad, or its values may mean something else."""
    doubts = pair.doubts_about_prediction()
    if doubts:
        print(f"Warning: {pair.prediction.name} contradicts the anatomy: {'; '.join(doubts[:2])}. If its values mean "
              "something else, name them with --prediction-labels.", file=sys.stderr)


def _write_differences(pairs: list[Pair], path: Path) -> None:
    from NeuroOrbitLib.evaluation.segmentation.difference import difference_map
    from NeuroOrbitLib.imaging.files import save_image

    for pair in pairs:
        reference, prediction, ignore = pair.load()
        mask = None if ignore is None else ignore.array != 0
        target = path if len(pairs) == 1 and path.suffix else path / f"{pair.name}_difference.nii.gz"
        save_image(difference_map(reference, prediction, mask), target)


def _show(
    scores: dict[str, dict[int, StructureScore]], left_out: list[str], arguments: argparse.Namespace
) -> None:
    from NeuroOrbitLib.evaluation.segmentation.tables import as_data, metrics_table, slice_table, volume_table

    # The reasons for leaving files out contain file names, which must not go into a report without paths.
    told = {"left_out": left_out} if arguments.with_paths else {"left_out_count": len(left_out)}
    named = scores if arguments.with_paths else privacy.numbered_cases(scores)
    data = as_data(named, name_of) | told | {"tolerance_mm": arguments.tolerance}
    if str(arguments.json) == "-":
        print_json(data)
        return
    cases = list(scores.values())
    print(f"{len(cases)} case{'s' if len(cases) > 1 else ''}; surface Dice at {arguments.tolerance:g} mm")
    print(metrics_table(cases, name_of))
    if len(cases) > 1:
        print("\nAgreement of volumes")
        print(volume_table(cases, name_of))
    print(f"\nIoU of {arguments.plane} slices along each structure, {DIRECTIONS[arguments.plane]}")
    print(slice_table(cases, name_of))
    if arguments.json:
        write_json(arguments.json, data)


def name_of(label: int) -> str:
    """Return the name of a label value for the user, also for values outside the orbit's vocabulary."""
    from NeuroOrbitLib.anatomy.structures import LABEL_VALUES, label_name

    return label_name(label) if label in LABEL_VALUES else f"Label {label}"
