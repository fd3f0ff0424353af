"""``networks``: what networks there are."""

from __future__ import annotations

import argparse
from typing import Any

from NeuroOrbitLib.command_line import SUCCESS, print_json
from NeuroOrbitLib.evaluation.reports.text import aligned
from OrbitSegmentationLib.paper_networks.registry import all_networks


def add_parser(subparsers: Any) -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser("networks", help="list the networks with their size, input and output")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")


def run(arguments: argparse.Namespace) -> int:
    """Print name, parameters, input and output shape of each network."""
    networks = all_networks()
    if arguments.json:
        print_json([network.description() for network in networks])
        return SUCCESS
    rows = [["Name", "Parameters", "Input", "Output", "Description"]]
    for network in networks:
        shapes = [" x ".join(map(str, shape)) for shape in (network.input_shape, network.output_shape)]
        rows.append([network.name, f"{network.parameters:,}".replace(",", " "), *shapes, network.title])
    print(aligned(rows, left=(0, 4)))
    return SUCCESS
