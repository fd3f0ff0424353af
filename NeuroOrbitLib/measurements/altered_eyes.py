"""Eyes whose inside or coat is not the patient's own: prosthesis, silicone oil, gas, scleral buckle.

A notice names such an eye, and the eye is not measured, because its outline is not the outline of an eyeball.

Attenuation in HU: vitreous -5 to 25, haemorrhage 40 to 80, silicone oil 85 to 180, acrylic and silicone implants 100 to
300, glass and hydroxyapatite above 300, silicone bands of a buckle 120 to 350, sponges below -150 with their air.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from NeuroOrbitLib.anatomy.structures import STRUCTURES, Side, label_value
from NeuroOrbitLib.imaging import Image
from NeuroOrbitLib.imaging.boxes import box_around
from NeuroOrbitLib.measurements.eye_looks import EyeLook, gives_no_signal, holds_fat, looks_like_fat
from NeuroOrbitLib.measurements.field import depth_within
from NeuroOrbitLib.sentences import sentence as _

#: HU between which the inside of an eye is silicone oil, and above which it is an implant.
OIL_HU, IMPLANT_HU = 85.0, 200.0
#: HU below which the inside of an eye is gas, as after surgery.
GAS_HU = -250.0
#: HU of an implant or shell of glass, acrylic or hydroxyapatite, and the share of the eye above which this density
#: cannot be a lens: a calcified or acrylic lens is at most 4 % of an eye.
SHELL_HU, MOST_SHELL = 220.0, 0.08
#: HU of the silicone of a buckle, and HU below which air shows a sponge.
BAND_HU, SPONGE_HU = (120.0, 400.0), -150.0
BONE_HU = 400.0
#: An acrylic prosthesis: HU, and the least volume (ml) of this density in front of the eye's middle. A clouded lens has
#: 0.3 ml.
PROSTHESIS_HU, LEAST_PROSTHESIS = 90.0, 0.5
#: Depth (mm) below the outline at which the inside of an eye begins, and range of distances (mm) outside the outline
#: in which a buckle lies.
_INSIDE, _COAT = 3.0, (-1.0, 4.0)
#: A buckle: largest distance (mm) in front of or behind the middle of the eye, number of sectors around the eye, and
#: least number of sectors that it must occupy.
_BELT, _SECTORS, _LEAST_SECTORS = 7.0, 36, 8
#: Before a buckle is looked for: SD (mm) of the Gaussian that smooths noise, and width (mm) of the soft edge of bone.
_SMOOTHING, _BONE_EDGE = 0.7, 1.5
#: In MRI: largest difference between the insides of both eyes, as a fraction of the range of grey values around them.
MOST_DIFFERENCE = 0.35
#: In MRI: largest ratio of the brightness of both eyes, each relative to the fat and muscle around it, and the
#: difference (as a fraction of the range) below which this ratio does not count.
MOST_BRIGHTER, LEAST_DIFFERENCE = 1.6, 0.12
_MARGIN = 6.0
_RECTI = tuple(structure.key for structure in STRUCTURES if structure.group == "rectus")


@dataclass(frozen=True)
class AlteredEye:
    """Why an eye is not measured.

    :param kind: "fat" (there is no eye), "implant", "oil", "gas", "buckle", "void" (no signal in MRI), "dark"
        (as suppressed fat in MRI) or "unlike" (the two insides differ in MRI).
    :param remark: one or two words for a table.
    :param text: sentence for the reader.
    """

    kind: str
    remark: str
    text: str

    @property
    def reason(self) -> str:
        """The reason why nothing is measured, as the end of a sentence that begins with "Not measurable because"."""
        return _("the scan does not show an ordinary eye ({remark}).").format(remark=self.remark)


@dataclass(frozen=True)
class _Eye:
    """One eye in a box of the scan.

    :param depth: depth (mm) of each voxel inside the outline, negative outside; (K, J, I).
    :param grey: grey values (K, J, I).
    :param offset: RAS offsets (mm) of the voxels from the middle of the eye, (K, J, I, 3).
    :param spacing: voxel size (mm) along K, J, I.
    :param look: median grey values in and around the outline.
    :param bone: least HU of bone in CT: :data:`BONE_HU`, or the upper limit of a window to which the scan was cut.
    """

    depth: np.ndarray
    grey: np.ndarray
    offset: np.ndarray
    spacing: np.ndarray
    look: EyeLook
    bone: float

    @property
    def inside(self) -> np.ndarray:
        """Grey values (N,) of the vitreous, or of its replacement."""
        return self.grey[self.depth > min(_INSIDE, 0.5 * float(self.depth.max()))]


def altered_eyes(scan: Image, labels: Image, is_ct: bool) -> dict[Side, AlteredEye]:
    """Return the eyes that must not be measured, with the reason.

    :param scan: grey values, HU in CT.
    :param labels: label map on the same grid.
    :param is_ct: whether the grey values are HU.
    """
    air = darkest(scan)
    eyes = {side: eye for side in Side if (eye := _eye(scan, labels, side, air)) is not None}
    looks = {side: eye.look for side, eye in eyes.items()}
    found = {side: "fat" for side, look in looks.items() if holds_fat(look, looks.get(side.other), is_ct)}
    if is_ct:
        found |= {side: _alteration(eye) for side, eye in eyes.items() if side not in found}
    else:
        found |= {side: kind for side, look in looks.items() if side not in found and side.other in looks
                  and (kind := _kind_of_dark(look, looks[side.other]))}
        found = found or dict.fromkeys(_unlike(eyes), "unlike")
    return {side: _described(kind, side) for side, kind in found.items() if kind}


def _kind_of_dark(own: EyeLook, other: EyeLook) -> str:
    """Return how an eye is altered that is as dark as air ("void") or suppressed fat ("dark") in MRI; else ""."""
    if gives_no_signal(own, other):
        return "void"
    return "dark" if looks_like_fat(own, other) else ""


def darkest(scan: Image) -> float:
    """Return the grey value of the darkest parts of a scan, most of which are air."""
    return float(np.percentile(scan.array[::2, ::2, ::2], 2.0))


def _eye(scan: Image, labels: Image, side: Side, air: float) -> _Eye | None:
    values = (label_value("eyeball", side), label_value("lens", side))
    around = box_around((labels.array == values[0]) | (labels.array == values[1]))
    if around is None:
        return None
    spacing = np.array(labels.grid.spacing[::-1])
    around = around.grown(tuple(np.ceil(_MARGIN / spacing).astype(int))).inside(labels.array.shape)
    box = around.slices
    mask = np.isin(labels.array[box], values)
    depth = depth_within(mask, spacing) - ndimage.distance_transform_edt(~mask, spacing)
    offset = _offsets(mask.shape, np.argwhere(mask).mean(axis=0), labels.affine)
    grey = scan.array[box].astype(np.float32)
    fat = scan.array[labels.array == label_value("orbital_fat", side)]
    recti = scan.array[np.isin(labels.array, [label_value(key, side) for key in _RECTI])]
    bone = min(BONE_HU, float(scan.array.max()))
    return _Eye(depth, grey, offset, spacing, EyeLook.of(grey, depth, fat, recti, air), bone)


def _offsets(shape: tuple[int, ...], middle: np.ndarray, affine: np.ndarray) -> np.ndarray:
    """Return the offsets (RAS, mm), shape (K, J, I, 3), from a position (k, j, i) to every voxel of a box."""
    k, j, i = np.ogrid[tuple(slice(0, count) for count in shape)]
    steps = [(index - place)[..., None] * affine[:3, axis]
             for index, place, axis in zip((k, j, i), middle, (2, 1, 0), strict=True)]
    return steps[0] + steps[1] + steps[2]


def _alteration(eye: _Eye) -> str:
    """Return the kind of alteration of an eye in CT; "" if there is none."""
    inside = float(np.median(eye.inside))
    if inside < GAS_HU:
        return "gas"
    own = eye.grey[eye.depth > 0]
    if inside > IMPLANT_HU or np.mean(own > SHELL_HU) > MOST_SHELL:
        return "implant"
    if inside > OIL_HU:
        return "oil"
    if _prosthesis_ml(eye) > LEAST_PROSTHESIS:
        return "implant"
    return "buckle" if _has_buckle(eye) else ""


def _prosthesis_ml(eye: _Eye) -> float:
    """Return the volume (ml) of voxels as dense as acrylic in or before the front half of an eye, not beside bone."""
    grey = ndimage.gaussian_filter(eye.grey, _SMOOTHING / eye.spacing)
    front = (eye.offset[..., 1] > _INSIDE) & (eye.depth > -_COAT[1]) & ~_near_bone(eye)
    return float(np.count_nonzero(front & (grey > PROSTHESIS_HU)) * eye.spacing.prod() / 1000)


def _has_buckle(eye: _Eye) -> bool:
    """Return whether a belt of material denser than tissue, or of the air in a sponge, lies around the eye."""
    # A single voxel of a noisy scan, or of the soft edge of bone, is as dense as silicone.
    grey = ndimage.gaussian_filter(eye.grey, _SMOOTHING / eye.spacing)
    belt = (-eye.depth > _COAT[0]) & (-eye.depth < _COAT[1]) & (np.abs(eye.offset[..., 1]) < _BELT) & ~_near_bone(eye)
    band = belt & (grey > BAND_HU[0]) & (grey < BAND_HU[1])
    # the air in front of the lids touches the belt of a protruding eye, but is never behind its middle
    sponge = belt & (grey < SPONGE_HU) & (eye.offset[..., 1] < 0)
    return max(_sectors(eye, band), 2 * _sectors(eye, sponge)) >= _LEAST_SECTORS


def _near_bone(eye: _Eye) -> np.ndarray:
    reach = [2 * max(1, round(_BONE_EDGE / step)) + 1 for step in eye.spacing]
    return ndimage.maximum_filter((eye.grey >= eye.bone) & (eye.depth < 0), size=reach)


def _sectors(eye: _Eye, found: np.ndarray) -> int:
    """Return the number of sectors around the eye, seen from the front, that hold more than a speck of ``found``."""
    x, z = eye.offset[found][:, 0], eye.offset[found][:, 2]
    sector = ((np.arctan2(z, x) + np.pi) / (2 * np.pi) * _SECTORS).astype(int) % _SECTORS
    return int(np.count_nonzero(np.bincount(sector, minlength=_SECTORS) > 1))


def _unlike(eyes: Mapping[Side, _Eye]) -> tuple[Side, ...]:
    """Return both sides if the insides of the eyes differ, as the signal does not show which is altered; else none."""
    if len(eyes) < 2:
        return ()
    insides = [float(np.median(eye.inside)) for eye in eyes.values()]
    around = np.concatenate([eye.grey.ravel() for eye in eyes.values()])
    low, high = np.percentile(around, (2.0, 98.0))
    difference = abs(insides[0] - insides[1]) / max(high - low, 1e-6)
    ratio = np.divide(*(_relative(eye.look) for eye in eyes.values()))
    brighter = difference > LEAST_DIFFERENCE and max(ratio, 1 / ratio) > MOST_BRIGHTER
    return tuple(eyes) if high > low and (difference >= MOST_DIFFERENCE or brighter) else ()


def _relative(look: EyeLook) -> float:
    """Return the signal inside an eye relative to the surrounding fat and muscle, which cancels coil sensitivity."""
    return max(look.inside - look.air, 1e-6) / max((look.fat + look.muscle) / 2 - look.air, 1e-6)


def _described(kind: str, side: Side) -> AlteredEye:
    if kind == "unlike":
        return AlteredEye(kind, _("eyes differ"), _(
            "The two eyes differ inside more than healthy ones do. Think of silicone oil, gas, a prosthesis or "
            "bleeding in one of them. The eyeballs were not measured."))
    if kind == "fat":
        return AlteredEye(kind, _("no eye?"), _(
            "Where the {side} eyeball is outlined, the scan shows fat, as after removal of the eye. It was not "
            "measured; do not use its outline as that of an eyeball.").format(side=side.word))
    remark, what = {
        "dark": (_("no eye or bleeding?"), _("is as dark as the fat around it, as after removal of the eye, with an "
                                             "implant or with bleeding")),
        "void": (_("prosthesis or gas?"), _("gives hardly any signal, as a prosthesis, an implant or gas")),
        "implant": (_("prosthesis?"), _("is as dense as a prosthesis or an implant, or has one in front")),
        "oil": (_("oil?"), _("is denser than a vitreous, as with silicone oil, dense bleeding or an implant")),
        "gas": (_("gas?"), _("is filled with gas")),
        "buckle": (_("buckle?"), _("has something dense or airy around it like a scleral buckle")),
    }[kind]
    return AlteredEye(kind, remark, _("The {side} eye {what}. It was not measured; do not use its outline as that of "
                                      "an eyeball.").format(side=side.word, what=what))
