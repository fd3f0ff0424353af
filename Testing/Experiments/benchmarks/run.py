"""Time and memory of the main operations.

``python -m Testing.Experiments.benchmarks.run [--json FILE]`` (``make bench``)

Prints a table and checks the limits that the project has set itself; the exit status is 1 when one is exceeded.
Seconds depend on the machine and what else it does; memory, ratios and what is imported do not.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(REPOSITORY / "OrbitSegmentation"))

START_UPS = 5
#: Limit (s) for each module.
START_UP_LIMIT_S = 0.3
MEMORY_LIMIT_GIB = 3.0
#: Limit (s) for a whole head with both orbits, on two cores.
SEGMENTING_LIMIT_S = 30.0
#: The scans that are segmented: key in the results, and description.
SEGMENTED = {"segment_512x512x200": "512 x 512 x 200 voxels", "segment_head_1mm": "a head of 1 mm voxels"}
#: Stride that leaves a quarter of the patches of the interactive map, and takes a quarter of the time in both ways.
OCCLUSION_STRIDE = 8
#: Gain of few windows, which is the same on every processor, together with bfloat16, which depends on whether it has
#: twice the rate of float32 (SV-Net more than 60 times as fast) or the same (43 times, the default model 27 times).
SV_NET_GAIN, SV_NET_GAIN_SAME_RATE = 60, 35
DEFAULT_MODEL_GAIN, DEFAULT_MODEL_GAIN_SAME_RATE = 30, 22


def main() -> int:
    """Measure everything; return 1 when a limit is exceeded."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results to this file as well")
    options = parser.parse_args()
    started = time.monotonic()
    results: dict[str, Any] = {"machine": machine(), "start_up": start_up(), **computing()}
    results["limits_exceeded"] = exceeded(results)
    results["total_s"] = time.monotonic() - started
    print(table(results))
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    for text in results["limits_exceeded"]:
        print(f"LIMIT EXCEEDED: {text}", file=sys.stderr)
    return int(bool(results["limits_exceeded"]))


def machine() -> dict[str, object]:
    """Return the machine, and what else it was doing during the measurement."""
    return {"python": platform.python_version(), "processor": platform.machine(), "cores": os.cpu_count(),
            "load_before": os.getloadavg()[0]}


def start_up() -> dict[str, object]:
    """Return the times to start the application with and without the extension, measured in turns."""
    say("Starting the application with and without the extension")
    runs: dict[bool, list[dict[str, Any]]] = {False: [], True: []}
    for _ in range(START_UPS):
        for extension, found in runs.items():
            found.append(child("start_up", *(["--extension"] if extension else [])))
    medians = {(extension, key): statistics.median(run[key] for run in found)
               for extension, found in runs.items() for key in ("wall_s", "processor_s")}
    return {
        "without_s": medians[False, "wall_s"],
        "with_s": medians[True, "wall_s"],
        "extension_processor_s": medians[True, "processor_s"] - medians[False, "processor_s"],
        "modules": runs[True][0]["modules"],
        "heavy_imports": sorted({name for run in runs[True] for name in run["heavy_imports"]}),
    }


def computing() -> dict[str, Any]:
    """Return the results of segmentation, networks, and insertion into the scene."""
    from NeuroOrbitLib.phantom.patients.sample_scans import make_sample
    from Testing.Experiments.benchmarks import networks, occlusion, radiomics_features, segmenting

    say("Making scans")
    scan = make_sample("TED-CT")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clinical, labels = segmenting.write_scan(
            scan, segmenting.clinical_grid(scan.image), folder, "clinical", labels=True)
        head, _ = segmenting.write_scan(scan, segmenting.head_grid(scan.image), folder, "head")
        results = {}
        say("Segmenting 512 x 512 x 200 voxels")
        results["segment_512x512x200"] = segmenting.measure(clinical)
        say("Segmenting a head of 1 mm voxels")
        results["segment_head_1mm"] = segmenting.measure(head)
        say("Measuring 512 x 512 x 200 voxels")
        results["measuring"] = child("measuring", str(clinical), str(labels))
        say("Writing a result into the scene")
        results["scene"] = child("scene_writing", str(labels))
    say("Finding the lesions of a FLAIR of 1 mm")
    results["lesions"] = child("lesions")
    say("Estimating the response of one patient")
    results["response"] = child("response")
    say("Writing DICOM results")
    results["dicom_export"] = child("dicom_export")
    say("Checking image files")
    results["image_files"] = child("image_files")
    say("Cancelling")
    results["cancelling"] = child("cancelling")
    say("Annotating")
    results["annotation"], results["smart_pencil"] = child("annotation"), child("smart_pencil", "--json")
    say("Covering an image patch by patch")
    results["occlusion"] = occlusion.measure("network_a", OCCLUSION_STRIDE)
    say("Computing radiomics features")
    results["radiomics"] = radiomics_features.measure()
    say("Running the networks")
    results["training_images"] = child("training_images")
    return {**results, "orbit_network": networks.orbit_pass(), "sv_net": networks.sv_net_speed()}


def child(name: str, *arguments: str) -> dict[str, Any]:
    """Return the output of a benchmark that needs a new process.

    :raises RuntimeError: if it failed; the message is its error output.
    """
    command = [sys.executable, "-m", f"Testing.Experiments.benchmarks.{name}", *arguments]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{name} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def exceeded(results: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each exceeded limit."""
    found = []
    from Testing.Experiments.benchmarks import (
        annotation,
        cancelling,
        dicom_export,
        image_files,
        lesions,
        measuring,
        occlusion,
        radiomics_features,
        response,
        scene_writing,
        segmenting,
        training_images,
    )

    start = results["start_up"]
    limit = START_UP_LIMIT_S * start["modules"]
    if start["extension_processor_s"] > limit:
        found.append(f"the extension adds {start['extension_processor_s']:.2f} s to the start (limit {limit:.1f})")
    found += cancelling.exceeded(results["cancelling"])
    found += dicom_export.exceeded(results["dicom_export"])
    found += image_files.exceeded(results["image_files"])
    found += lesions.exceeded(results["lesions"])
    found += measuring.exceeded(results["measuring"])
    found += annotation.exceeded(results["annotation"], results["smart_pencil"])
    found += occlusion.exceeded(results["occlusion"])
    found += radiomics_features.exceeded(results["radiomics"])
    found += response.exceeded(results["response"])
    found += scene_writing.exceeded(results["scene"])
    found += training_images.exceeded(results["training_images"])
    if start["heavy_imports"]:
        found.append(f"the application imports {', '.join(start['heavy_imports'])} when it starts")
    found += [text for key, scan in SEGMENTED.items() for text in segmenting.exceeded(
        results[key], f"segmenting {scan}", SEGMENTING_LIMIT_S, MEMORY_LIMIT_GIB)]
    return found + network_gains_missed(results)


def network_gains_missed(results: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each network that gains too little over the published SV-Net on this kind of processor."""
    from NeuroOrbitLib.models.device import doubles_with_bfloat16

    doubles = doubles_with_bfloat16("cpu")
    gains = {
        "SV-Net in few windows": (results["sv_net"]["processor_ratio"],
                                  SV_NET_GAIN if doubles else SV_NET_GAIN_SAME_RATE),
        "the default model": (default_model_gain(results),
                              DEFAULT_MODEL_GAIN if doubles else DEFAULT_MODEL_GAIN_SAME_RATE),
    }
    return [f"{name} is only {gain:.0f} times as fast as the published SV-Net (at least {limit})"
            for name, (gain, limit) in gains.items() if gain < limit]


def default_model_gain(results: Mapping[str, Any]) -> float:
    """Return the ratio of the published SV-Net's time for both orbits to the default model's for the whole scan."""
    return 2 * results["sv_net"]["published_step_s"] / results["segment_512x512x200"]["later_s"]


def table(results: Mapping[str, Any]) -> str:
    """Return the results as a table for people."""
    from Testing.Experiments.benchmarks import annotation, cancelling, image_files, radiomics_features, scene_writing

    start, large, head = (results[key] for key in ("start_up", "segment_512x512x200", "segment_head_1mm"))
    scene, orbit, steps, heat = (results[key] for key in ("scene", "orbit_network", "sv_net", "occlusion"))
    learning, brain, patient = (results[key] for key in ("training_images", "lesions", "response"))
    lines = [
        ("", "wall", "processor"),
        ("Start of the application", _seconds(start["without_s"]), ""),
        ("Start with the extension", _seconds(start["with_s"]), ""),
        ("    what the extension adds", "", _seconds(start["extension_processor_s"])),
        ("Segmenting 512 x 512 x 200, first", _seconds(large["first_s"]), ""),
        ("Segmenting 512 x 512 x 200, later", _seconds(large["later_s"]), _seconds(large["later_processor_s"])),
        ("    peak memory", f"{large['peak_gib']:.2f} GiB", ""),
        ("Segmenting a 1 mm head, first", _seconds(head["first_s"]), ""),
        ("Segmenting a 1 mm head, later", _seconds(head["later_s"]), _seconds(head["later_processor_s"])),
        ("    peak memory", f"{head['peak_gib']:.2f} GiB", ""),
        ("Lesions of a FLAIR of 1 mm, file to table, first", _seconds(brain["first_s"]), ""),
        ("Lesions of a FLAIR of 1 mm, file to table, later", _seconds(brain["later_s"]),
         _seconds(brain["later_processor_s"])),
        ("    peak memory", f"{brain['peak_gib']:.2f} GiB", ""),
        *(() if "monai_processor_s" not in brain else (
            ("    its network", "", _seconds(brain["network_processor_s"])),
            ("    its network by MONAI's sliding window", "", _seconds(brain["monai_processor_s"])))),
        ("Response of one patient, file to answer, first", _seconds(patient["first_s"]), ""),
        ("Response of one patient, file to answer, later", _seconds(patient["later_s"]),
         _seconds(patient["later_processor_s"])),
        ("    peak memory", f"{patient['peak_gib']:.2f} GiB", ""),
        *scene_writing.rows(scene),
        _both("Segmentation and measures of 186 slices as DICOM", results["dicom_export"], "export"),
        *image_files.rows(results["image_files"]),
        _both("All measures of 512 x 512 x 200", results["measuring"], "measures"),
        _both("Report of 512 x 512 x 200", results["measuring"], "report"),
        _both("Orbit network, one orbit", orbit, "pass"),
        _both("SV-Net, one orbit, a window at every slice (as published)", steps, "published_step"),
        _both("SV-Net, one orbit, same weights in few windows", steps, "few_windows"),
        ("    published / few windows", "", f"{steps['processor_ratio']:.0f}"),
        ("    published, two orbits / default model, 512 x 512 x 200", f"{default_model_gain(results):.0f}", ""),
        _both("Training image of an orbit, made by one core", learning, "image"),
        _both(f"Learning from {learning['batch']} of them, one core", learning, "step"),
        _both("Occlusion map of network A, MONAI", heat, "monai"),
        _both("Occlusion map, incremental", heat, "incremental"),
        _both("Occlusion map, incremental in bfloat16", heat, "incremental_bf16"),
        ("    MONAI / incremental, bfloat16", f"{heat['processor_ratio']:.1f}", f"{heat['bf16_processor_ratio']:.1f}"),
        *radiomics_features.rows(results["radiomics"]),
        *cancelling.rows(results["cancelling"]),
        ("What an annotator waits for, 95th percentile", "", "of limit"),
        *annotation.rows(results["annotation"], results["smart_pencil"]),
        ("All benchmarks", _seconds(results["total_s"]), ""),
    ]
    width = max(len(name) for name, _, _ in lines)
    return "\n".join(f"{name:<{width}}  {wall:>10}  {processor:>10}" for name, wall, processor in lines)


def _both(title: str, results: Mapping[str, Any], name: str) -> tuple[str, str, str]:
    return title, _seconds(results[f"{name}_s"]), _seconds(results[f"{name}_processor_s"])


def _seconds(value: float) -> str:
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.0f} ms"


def say(text: str) -> None:
    """Print a message for the user at once."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
