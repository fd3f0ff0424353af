"""Signal-intensity ratios of the muscles: their signal relative to a tissue that the disease does not affect.

Both signals are taken after a smooth bias correction, see :func:`corrected_for_ratios`. Published values (both BMC
Endocr Disord 2021): inferior rectus over white matter 0.94-1.02 in health and 1.21-1.34 in active disease
(fat-suppressed T2); over temporalis above 2.9 in active disease (STIR). Scanners differ, so a cut-off is only valid for
its protocol.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from NeuroOrbitLib.anatomy.structures import RECTI, Side, label_value
from NeuroOrbitLib.imaging.boxes import Box, box_around
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.measurements.signal import signal_measures

#: Published cut-offs of active disease by reference tissue.
CUT_OFFS = MappingProxyType({"brain": 1.21, "temporalis": 2.9})
_SMALLEST_REFERENCE, _SMALLEST_MUSCLE = 20, 6
#: Levels of the bias correction before ratios. The spline grid of one level spans the whole scan and follows a coil;
#: those of further levels are finer than the anatomy of a thin slab and take the contrast of its tissues away: with
#: four levels, ratios over brain were 66 % too high in 15 axial slices without any bias (docs/measurements.md).
_LEVELS = 1


@dataclass(frozen=True)
class ReferencePlace:
    """Place of a reference tissue: ranges (mm) relative to the middle of the eyeball of its side."""

    lateral: tuple[float, float]
    behind: tuple[float, float]
    above: tuple[float, float]


#: The temporal muscle beside the lateral wall, and the temporal lobe behind the orbit (mostly its white matter).
REFERENCES = MappingProxyType({
    "brain": ReferencePlace((2.0, 18.0), (60.0, 74.0), (-10.0, 14.0)),
    "temporalis": ReferencePlace((26.0, 33.0), (14.0, 30.0), (-10.0, 14.0)),
})


@dataclass(frozen=True)
class MuscleSignal:
    """A muscle's absolute signal: mean, and hottest spot (10 mm2), which is NaN if the muscle is too thin for it."""

    side: Side
    muscle: str
    mean: float
    hottest: float


@dataclass(frozen=True)
class SignalRatios:
    """Signals of the muscles and reference tissues of one scan; a reference outside of the field of view is NaN."""

    muscles: tuple[MuscleSignal, ...]
    references: Mapping[str, float]

    def ratio(self, muscle: MuscleSignal, reference: str = "brain", hottest: bool = False) -> float:
        """Return the muscle's mean signal, or that of its hottest spot, over the signal of the reference.

        :param muscle: signals of the muscle.
        :param reference: name of the reference tissue, a key of :data:`REFERENCES`.
        :param hottest: whether to take the hottest spot.
        """
        return (muscle.hottest if hottest else muscle.mean) / self.references[reference]

    def highest(self, reference: str = "brain") -> float:
        """Return the highest mean ratio of any rectus, since the most inflamed muscle stands for the patient.

        NaN without muscles.
        """
        return max((self.ratio(muscle, reference) for muscle in self.muscles), default=float("nan"))


def corrected_for_ratios(scan: Image) -> Image:
    """Return an MRI in which signals of distant tissues can be compared, in the axis order right, front, up.

    The fixed axis order makes the result independent of how the voxels were stored.

    :param scan: MRI in any axis order.
    """
    from NeuroOrbitLib.imaging.geometry import reorient_to_ras
    from NeuroOrbitLib.imaging.intensity import correct_bias_field  # brings SimpleITK

    return correct_bias_field(reorient_to_ras(scan), levels=_LEVELS)


def measure_ratios(corrected: Image, labels: Image, axes: np.ndarray | None = None) -> SignalRatios:
    """Return the signals of the four recti of each side and of the reference tissues.

    :param corrected: grey values after bias correction, see :func:`corrected_for_ratios`.
    :param labels: label map on the same grid.
    :param axes: directions to the patient's right, front and top (rows of a 3x3 matrix); RAS by default.
    """
    found = [(side, key, labels.array == label_value(key, side)) for side in Side for key in RECTI]
    boxes = [(*each, box_around(each[2])) for each in found if each[2].sum() >= _SMALLEST_MUSCLE]
    muscles = tuple(muscle_signal(corrected, side, key, mask[box.slices], box) for side, key, mask, box in boxes)
    return SignalRatios(muscles, reference_signals(corrected, labels, axes))


def reference_signals(corrected: Image, labels: Image, axes: np.ndarray | None = None) -> dict[str, float]:
    """Return the signal of each reference tissue by its name; see :func:`reference_signal` for the parameters."""
    return {name: reference_signal(corrected, labels, place, axes) for name, place in REFERENCES.items()}


def region_ratios(corrected: Image, labels: Image, regions: Mapping[str, tuple[int, ...]], reference: str,
                  signal_of: Callable[[np.ndarray], float] = np.mean) -> dict[str, float]:
    """Return the signal of each region over that of a reference tissue; NaN without a reference.

    :param corrected: grey values after bias correction.
    :param labels: label map on the same grid.
    :param regions: label values of each region by its name; the voxels of all its values form one mask.
    :param reference: name of the reference tissue, a key of :data:`REFERENCES`.
    :param signal_of: function that returns the signal of grey values (N,); their mean by default.
    """
    tissue = reference_signal(corrected, labels, REFERENCES[reference])
    return {name: float(signal_of(corrected.array[np.isin(labels.array, values)])) / tissue
            for name, values in regions.items()}


def reference_signal(corrected: Image, labels: Image, place: ReferencePlace, axes: np.ndarray | None = None) -> float:
    """Return the median signal of a reference tissue of both sides; NaN if too little of it is in the field of view.

    Voxels without any signal count as outside: a crop beyond the scan holds zeros, and so does a removed face.

    :param corrected: grey values after bias correction.
    :param labels: label map on the same grid.
    :param place: place of the tissue relative to the eyeballs.
    :param axes: directions to the patient's right, front and top (rows of a 3x3 matrix); RAS by default.
    """
    taken = [values for side in Side for values in _around_eye(corrected, labels, side, place, axes)]
    values = np.concatenate(taken) if taken else np.empty(0)
    return float(np.median(values)) if values.size >= _SMALLEST_REFERENCE else float("nan")


def _around_eye(corrected: Image, labels: Image, side: Side, place: ReferencePlace,
                axes: np.ndarray | None) -> Iterable[np.ndarray]:
    """Yield the values of unlabelled voxels with a signal in the place of one side; nothing without its eyeball."""
    eye = np.argwhere(labels.array == label_value("eyeball", side))[:, ::-1]
    if not len(eye):
        return
    axes = np.eye(3) if axes is None else np.asarray(axes)
    signs = np.array([side.x_sign, -1.0, 1.0])
    ranges = np.array([place.lateral, place.behind, place.above])
    middle = labels.grid.ras_from_ijk(eye).mean(axis=0)
    part = _box_of(labels.grid, middle, signs[:, None] * axes, ranges)
    ijk = np.stack(np.meshgrid(*[np.arange(each.start, each.stop) for each in part], indexing="ij"), axis=-1)[..., ::-1]
    away = (labels.grid.ras_from_ijk(ijk) - middle) @ (signs[:, None] * axes).T
    inside = np.all((away >= ranges[:, 0]) & (away <= ranges[:, 1]), axis=-1) & (labels.array[part] == 0)
    yield corrected.array[part][inside & (corrected.array[part] > 0)]


def _box_of(grid: Grid, middle: np.ndarray, directions: np.ndarray, ranges: np.ndarray) -> tuple[slice, ...]:
    """Return the slices (K, J, I) of the grid that contain a box with sides along ``directions`` (rows)."""
    corners = np.stack(np.meshgrid(*ranges, indexing="ij"), axis=-1).reshape(-1, 3) @ directions + middle
    kji = grid.ijk_from_ras(corners)[:, ::-1]
    low = np.clip(np.floor(kji.min(axis=0)).astype(int), 0, grid.shape)
    high = np.clip(np.ceil(kji.max(axis=0)).astype(int) + 1, 0, grid.shape)
    return tuple(slice(int(first), int(last)) for first, last in zip(low, high, strict=True))


def muscle_signal(corrected: Image, side: Side, muscle: str, mask: np.ndarray, box: Box) -> MuscleSignal:
    """Return the signals of one muscle.

    :param corrected: grey values after bias correction.
    :param side: side of the muscle.
    :param muscle: key of the muscle in :mod:`NeuroOrbitLib.anatomy.structures`.
    :param mask: voxels of the muscle, bool (K, J, I) within ``box``.
    :param box: place of the mask in the scan.
    """
    affine = corrected.affine.copy()
    affine[:3, 3] = corrected.grid.ras_from_ijk(np.array(box.start[::-1]))
    signals = signal_measures(corrected.array[box.slices], mask, affine)
    mean, hottest = (float("nan") if measured.value is None else measured.value for measured in signals.values())
    return MuscleSignal(side, muscle, mean, hottest)
