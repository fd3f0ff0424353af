"""Signal ratios of whole recti on a scan's own grid, with the values of the rows that ``measure`` returns."""

from __future__ import annotations

from collections.abc import Iterable

from NeuroOrbitLib.anatomy.structures import RECTI, Side
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.resampling import on_grid
from NeuroOrbitLib.measurements.rims import find_rims
from NeuroOrbitLib.measurements.shapes import shapes_of
from NeuroOrbitLib.measurements.signal_ratio import SignalRatios, muscle_signal, reference_signals


def scan_ratios(corrected: Image, labels: Image, sides: Iterable[Side] = tuple(Side)) -> SignalRatios:
    """Return the signals of the four recti in all slices of a scan, and of the reference tissues.

    The muscles' outlines and the head's axes, along which the reference tissues lie, are those of
    :func:`~NeuroOrbitLib.measurements.measure.measure`, and so are the ratios.

    :param corrected: MRI after :func:`~NeuroOrbitLib.measurements.signal_ratio.corrected_for_ratios`, any axis order.
    :param labels: label map in the vocabulary's values, on any grid.
    :param sides: sides whose muscles are measured; both by default.
    """
    labels = on_grid(labels, corrected.grid)
    shapes = shapes_of(labels)
    outlines = [(side, key, shapes[side].outline(key)) for side in sides for key in RECTI]
    muscles = tuple(muscle_signal(corrected, side, key, outline.mask, outline.box)
                    for side, key, outline in outlines if outline is not None)
    axes = find_rims(shapes).frame.rotation
    return SignalRatios(muscles, reference_signals(corrected, labels, axes))
