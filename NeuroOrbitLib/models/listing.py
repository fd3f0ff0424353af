"""Listing of a module's networks on the terminal: name, parameters, input and output of each."""

from __future__ import annotations

from collections.abc import Sequence

from NeuroOrbitLib.command_line import print_json
from NeuroOrbitLib.evaluation.reports.text import aligned
from NeuroOrbitLib.models.networks import Network


def show_networks(networks: Sequence[Network], as_json: bool) -> None:
    """Print the networks as a table, or as JSON if ``as_json``."""
    if as_json:
        print_json([network.description() for network in networks])
        return
    rows = [["Name", "Parameters", "Input", "Output", "Description"]]
    for network in networks:
        shapes = [" x ".join(map(str, shape)) for shape in (network.input_shape, network.output_shape)]
        rows.append([network.name, f"{network.parameters:,}".replace(",", " "), *shapes, network.title])
    print(aligned(rows, left=(0, 4)))
