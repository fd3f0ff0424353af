"""``networks``: list the networks."""

from __future__ import annotations

import argparse
from typing import Any

from NeuroDifferentialLib.differential.networks.registry import all_networks
from NeuroOrbitLib.command_line import SUCCESS
from NeuroOrbitLib.models.listing import show_networks


def add_parser(subparsers: Any) -> None:
    """Add the command and its arguments to the command line."""
    parser = subparsers.add_parser("networks", help="list the networks with their size, input and output")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")


def run(arguments: argparse.Namespace) -> int:
    """Print name, parameters, input and output shape of each network."""
    show_networks(all_networks(), arguments.json)
    return SUCCESS
