"""``classify``: estimate the activity of one scan."""

from __future__ import annotations

import argparse
from typing import Any

from NeuroOrbitLib.classifiers.commands.answering import (
    ClassifyCommand,
    add_device_and_json,
    add_scan,
    estimate_text,
    require_files,
)
from NeuroOrbitLib.jobs.progress import Progress


def _add_patient(parser: argparse.ArgumentParser) -> None:
    add_scan(parser, "the orbits")
    add_device_and_json(parser)


def _classify(arguments: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    from TAOActivityLib.pipeline import classify_file

    require_files(arguments.scan, arguments.labels)
    return classify_file(arguments.scan, arguments.model, arguments.labels, arguments.device, progress=progress,
                         report=arguments.report)


def _text(found: dict[str, Any]) -> str:
    lines = [estimate_text(found, found["probability"]), ""]
    for row in found["ratios"]:
        name = f"{row['side']} {row['muscle'].replace('_', ' ')}"
        ratios = ", ".join(f"{key[3:]} {value:.2f}" for key, value in row.items()
                           if key.startswith("to_") and value is not None)
        lines.append(f"{name:28} signal over {ratios}")
    return "\n".join([*lines, "", found["research_use"]])


_COMMAND = ClassifyCommand(
    "estimate whether the disease is active",
    "Estimate the activity of thyroid-associated ophthalmopathy from an axial fat-suppressed T2 MRI, with the signal "
    "ratios of the muscles. For research use only.", _add_patient, _classify, _text)
add_parser, run = _COMMAND.add_parser, _COMMAND.run
