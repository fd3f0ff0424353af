"""``explain``: show which parts of the image indicate active disease."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from NeuroOrbitLib.classifiers.commands.answering import (
    add_device_and_json,
    add_scan,
    estimate_text,
    require_files,
    show_answer,
)
from NeuroOrbitLib.command_line import SUCCESS, TerminalProgress, at_least_one, writes
from NeuroOrbitLib.files.safe import write_rows
from NeuroOrbitLib.number_text import fixed
from TAOActivityLib.run_activity import GRAD_CAM, OCCLUSION, PATCH, STRIDE


def add_parser(subparsers: Any) -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser(
        "explain",
        help="show on the image what speaks for active disease",
        description="Classify a scan and write a heat map (heat.nii.gz) of what speaks for active disease, the crop "
        "that the classifier saw (crop.nii.gz), the orbits (labels.nii.gz, if they were found here, or given in values "
        "of others that a dataset.json beside them names) and the mean heat of each muscle (muscles.csv). For research "
        "use only.",
    )
    add_scan(parser, "the orbits")
    parser.add_argument("-o", "--output", required=True, type=Path, metavar="DIR", help="folder of the results")
    parser.add_argument("--method", choices=(OCCLUSION, GRAD_CAM), default=OCCLUSION, help="occlusion covers the image "
                        "patch by patch; grad_cam is quick and coarse")
    parser.add_argument("--patch", type=at_least_one, default=PATCH, help="edge of the covered patch in pixels "
                        f"(default {PATCH})")
    parser.add_argument("--stride", type=at_least_one, default=STRIDE, help="step between patches in pixels "
                        f"(default {STRIDE})")
    parser.add_argument("--all-slices", action="store_true", help="cover all five slices at once: five times as fast, "
                        "one map for all of them")
    parser.add_argument("--fill", default="image mean", help="what covers a patch: 'image mean', 'patch mean' or a "
                        "number (default image mean)")
    add_device_and_json(parser)
    writes(parser, *(f"output/{name}.nii.gz" for name in ("labels", "crop", "heat")))


def run(arguments: argparse.Namespace) -> int:
    """Explain one scan."""
    require_files(arguments.scan, arguments.labels)
    with TerminalProgress() as progress:
        found = _explained(arguments, progress)
    show_answer(found, _text(found), arguments.json, with_paths=True)
    return SUCCESS


def _explained(arguments: argparse.Namespace, progress: TerminalProgress) -> dict[str, Any]:
    from NeuroOrbitLib.dicom.fields import scan_fields
    from NeuroOrbitLib.dicom.scans import read_one
    from NeuroOrbitLib.jobs.progress import part
    from NeuroOrbitLib.models import find_package, passed_over
    from TAOActivityLib.inventory import ACTIVITY_MODEL, regions_of
    from TAOActivityLib.run_activity import classify_crop, explain_crop, prepare_file

    tools = {"model": arguments.model, "device": arguments.device}
    scan, folder, tags = arguments.scan, arguments.output, scan_fields(arguments.scan)
    region = regions_of(find_package(arguments.model, accepts=ACTIVITY_MODEL.includes))[0]
    arguments.output.mkdir(parents=True, exist_ok=True)
    given = _understood(arguments.labels, folder / "labels.nii.gz")
    prepared = prepare_file(scan, str(folder / "labels.nii.gz"), labels=given, tags=tags, **tools,
                            progress=part(progress, 0.0, 0.6))
    labels = prepared["labels"] or given
    crop = _crop(prepared, region)
    answer = classify_crop(scan, str(folder / "crop.nii.gz"), labels, crop, tags=tags, **tools,
                           progress=part(progress, 0.6, 0.7))
    heat = explain_crop(scan, str(folder / "heat.nii.gz"), labels, crop, method=arguments.method,
                        patch=arguments.patch, stride=arguments.stride, fill=_fill(arguments.fill),
                        each_slice=not arguments.all_slices, **tools,
                        progress=part(progress, 0.7, 1.0))
    _write_table(folder / "muscles.csv", heat)
    notices = [*passed_over(arguments.model), *read_one(scan)[1], *prepared["notes"],
               *answer["notices"]]
    return {**answer, **{key: heat[key] for key in ("heat_file", "by_muscle", "ratio", "unit", "largest")},
            "notices": notices, "method": arguments.method}


def _understood(labels: str | None, place: Path) -> str | None:
    """Return the file of the given labels, or ``place`` with the values converted if a file beside it names them.

    :raises Problem: when the labels have no meaning or contradict the anatomy.
    """
    from NeuroOrbitLib.imaging.files import save_image
    from NeuroOrbitLib.label_maps.mapping import mapping_for, read_patient_labels

    if labels is None:
        return None
    found = read_patient_labels(labels)
    return labels if mapping_for(Path(labels)) is None else str(save_image(found, place))


def _crop(prepared: dict[str, Any], region: str) -> dict[str, Any]:
    from NeuroOrbitLib.problem import Problem

    if region not in prepared["crops"]:
        raise Problem(prepared["missing"][region])
    return prepared["crops"][region]


def _fill(text: str) -> str | float:
    """Return the number in the text, or else the text as the name of a fill, which is checked on use."""
    try:
        return float(text)
    except ValueError:
        return text


def _write_table(path: Path, heat: dict[str, Any]) -> None:
    write_rows(path, ["muscle", f"mean_heat_{heat['unit']}"],
               ([name, fixed(value, 6)] for name, value in _hottest_first(heat)))


def _hottest_first(found: dict[str, Any]) -> list[tuple[str, float]]:
    return sorted(found["by_muscle"].items(), key=lambda item: -item[1])


def _text(found: dict[str, Any]) -> str:
    heat = "logit" if found["unit"] == "logit" else "fall of the network's own probability, before calibration"
    lines = [estimate_text(found, found["probability"]), "", f"Mean heat ({heat}):"]
    lines += [f"{name:32} {value:8.4f}" for name, value in _hottest_first(found)]
    return "\n".join([*lines, "", f"Heat map: {found['heat_file']}", found["research_use"]])
