"""``networks``: list the available networks."""

from __future__ import annotations

import argparse
from typing import Any

from NeuroOrbitLib.command_line import SUCCESS
from NeuroOrbitLib.models.listing import show_networks
from OrbitSegmentationLib.paper_networks.registry import all_networks


def add_parser(subparsers: Any) -> None:
    """Describe the arguments."""
    parser = subparsers.add_parser("networks", help="list the networks with their size, input and output")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")


def run(arguments: argparse.Namespace) -> int:
    """Print name, parameters, input and output shape of each network."""
    show_networks(all_networks(), arguments.json)
    return SUCCESS
