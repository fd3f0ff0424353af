"""Choice of the series of a study that shows the orbits best, with reasons for the user."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from NeuroOrbitLib.dicom.frames import Frame
from NeuroOrbitLib.dicom.headers import Header
from NeuroOrbitLib.dicom.series import SMALLEST_VOLUME, checked_frames, is_localizer, series_in, slice_count
from NeuroOrbitLib.dicom.stack import Stack, stack_of
from NeuroOrbitLib.imaging.checks import ImageProblem
from NeuroOrbitLib.sentences import sentence as _

#: Slices up to this thickness (mm) show the muscles well; thinner slices are not preferred to them.
THIN_MM = 1.5
#: A series that covers less than this (mm) cannot hold an orbit.
SMALLEST_EXTENT_MM = 20.0
_NOT_ANATOMY = re.compile(r"ADC|TRACE|\bFA\b|EADC|PERFUSION|CBF|CBV|MTT|TTP|PROJECTION|\bM[IN]+IP\b|\bMIP\b|SUBTRACT"
                          r"|VRT|DOSE|SCREEN|SCOUT|PHASE MAP", re.I)
#: Sharp kernels: Siemens (H60s, Hr64, B70f), Canon (FC30-39, 50-59, 80-89), GE, Philips.
_SHARP_NAMES = re.compile(r"bone|edge|lung|sharp|^Y[A-D]$|^[DEL]$", re.I)
_SHARP_DESCRIPTION = re.compile(r"bone|osseo|knochen|sharp|lung|inner ear|\bHR6\d|\bH[67]\d", re.I)
_SIEMENS, _CANON = re.compile(r"^[A-Z][a-z]?(\d\d)", re.I), re.compile(r"^FC(\d\d)", re.I)
_PLANES = ("sagittal", "coronal", "axial")


@dataclass(frozen=True)
class SeriesFacts:
    """Description of a series.

    :param number: position of the series in the list, from 1.
    :param uid: series instance UID.
    :param kernel: convolution kernel; "" if it is not known.
    :param thickness: thickness of a slice (mm); NaN if it is not known.
    :param spacing: distance between slices (mm); NaN if they form no volume.
    :param slices: number of slices.
    :param plane: "axial", "coronal", "sagittal" or "oblique"; "" if not known.
    :param sharp: whether a CT was reconstructed for bone or lung.
    :param derived: whether the images were computed from others.
    :param why_not: why the series cannot be used, in words; empty if it can.
    """

    number: int
    uid: str
    modality: str
    description: str
    kernel: str
    thickness: float
    spacing: float
    slices: int
    plane: str
    sharp: bool = False
    derived: bool = False
    why_not: str = ""

    @property
    def step(self) -> float:
        """The larger of slice thickness and distance between slices, in mm."""
        return float(np.nanmax([self.thickness, self.spacing, 0.0]))

    def text(self) -> str:
        """Return the description in one line, without any data of the patient."""
        name = f"'{self.description}'" if self.description else "without a name"
        words = [f"{self.modality or 'unknown modality'}", self.plane, f"{self.slices} slices"]
        if np.isfinite(self.spacing):
            words[-1] += f" {self.spacing:.2f} mm apart"
        if self.modality == "CT" and not self.why_not:
            words.append(f"{'bone' if self.sharp else 'soft-tissue'} kernel" + f" {self.kernel}".rstrip())
        line = f"{self.number}: {name} ({', '.join(filter(None, words))})"
        return f"{line}; not usable: {self.why_not}" if self.why_not else line


def list_series(folder: Path) -> list[tuple[SeriesFacts, list[Header]]]:
    """Return all series in a folder and its subfolders with the headers of their files, ordered by series number.

    :raises ImageProblem: if there are no DICOM images, or images of several patients.
    """
    found = series_in(folder, below=True)
    patients = {header.text("PatientID") for headers in found.values() for header in headers if header.texts}
    if len(patients) > 1:
        raise ImageProblem(_("{folder} holds images of {count} patients. Choose the folder of one of them.").format(
            folder=folder, count=len(patients)))
    ordered = sorted(found.items(), key=lambda item: (item[1][0].number("SeriesNumber"), item[0]))
    return [(facts_of(number, uid, headers), headers) for number, (uid, headers) in enumerate(ordered, start=1)]


def facts_of(number: int, uid: str, headers: Sequence[Header]) -> SeriesFacts:
    """Return the description of one series.

    :param number: position of the series in a list.
    :param uid: series instance UID.
    :param headers: headers of its files.
    """
    first = next((header for header in headers if not is_localizer(header) and not header.fault), headers[0])
    stack, why_not = _usable_stack(first, headers)
    kernel, description = stack.frames[0].kernel if stack else "", first.text("SeriesDescription")
    thickness = stack.frames[0].thickness if stack else float("nan")
    spacing = float(abs(stack.step @ stack.frames[0].normal)) if stack else float("nan")
    return SeriesFacts(
        number, uid, first.text("Modality"), description, kernel, thickness, spacing, slice_count(headers),
        plane_of(stack.frames[0]) if stack else "", is_sharp(kernel, description),
        "DERIVED" in first.text("ImageType").upper(), why_not)


def _usable_stack(first: Header, headers: Sequence[Header]) -> tuple[Stack | None, str]:
    """Return the slices of a series in order, and "", or ``None`` and the reason why it cannot be used."""
    if first.text("Modality") not in ("CT", "MR"):
        return None, _("it is no CT or MRI ({value})").format(value=first.text("Modality") or "unknown")
    if is_localizer(first):
        return None, _("it is a localizer")
    words = f"{first.text('ImageType')} {first.text('SeriesDescription')}"
    if why_not := why_no_anatomy(words, slice_count(headers)):
        return None, why_not
    try:
        stack = stack_of(checked_frames(headers))
    except ImageProblem as problem:
        return None, str(problem)
    why_not = why_no_anatomy(words, stack.count, float(np.linalg.norm(stack.step)) * stack.count)
    return (None, why_not) if why_not else (stack, "")


def why_no_anatomy(words: str, slices: int, extent: float = np.inf) -> str:
    """Return why a series cannot show an orbit; "" if it can.

    :param words: image type and description of the series.
    :param slices: number of slices.
    :param extent: length (mm) that the slices cover; infinite if it is not known.
    """
    if _NOT_ANATOMY.search(words):
        return _("it is a map, projection or dose picture, not the scan itself")
    if slices < SMALLEST_VOLUME:
        return _("it has only {slices} slices").format(slices=slices)
    if extent < SMALLEST_EXTENT_MM:
        return _("it covers only {extent:.0f} mm").format(extent=extent)
    return ""


def plane_of(frame: Frame) -> str:
    """Return the plane of a slice: "sagittal", "coronal" or "axial" if within 30 degrees of it, else "oblique"."""
    along = np.abs(frame.normal)
    return _PLANES[int(along.argmax())] if along.max() > np.cos(np.radians(30)) else "oblique"


def is_sharp(kernel: str, description: str = "") -> bool:
    """Return whether a kernel is for bone or lung.

    :param kernel: name of the convolution kernel; "" if it is not known.
    :param description: description of the series, which decides if there is no kernel.
    """
    if not kernel:
        return bool(_SHARP_DESCRIPTION.search(description))
    canon, siemens = _CANON.match(kernel), _SIEMENS.match(kernel)
    if canon:
        return int(canon[1]) // 10 in (3, 5, 8)
    if siemens:
        return int(siemens[1]) >= 60
    return bool(_SHARP_NAMES.search(kernel))


def best_series(facts: Sequence[SeriesFacts]) -> tuple[SeriesFacts, str]:
    """Return the best series for the orbits, and the reason in a sentence.

    CT is preferred to MRI. Of CT series, soft-tissue kernels are preferred, then thin slices, then original images,
    then more slices; of MRI series, original images, then more slices.

    :raises ImageProblem: if none can be used; the message gives the reason for each.
    """
    usable = [one for one in facts if not one.why_not]
    if not usable:
        listing = "; ".join(one.text() for one in facts[:12])
        raise ImageProblem(_("None of the {count} series in the folder can be used ({listing}).").format(
            count=len(facts), listing=listing))
    best = min(usable, key=rank)
    if len(usable) == 1:
        return best, _("Series {text} was taken: it is the only usable one of {count}.").format(
            text=best.text(), count=len(facts))
    others = "; ".join(one.text() for one in usable if one is not best)
    return best, _("Series {text} was taken: {reason}. Others in the folder: {others}.").format(
        text=best.text(), reason=reason_for(best, usable), others=others)


def rank(one: SeriesFacts) -> tuple:
    """Return the sort key of a series; the series that shows the orbits best comes first."""
    ct = one.modality == "CT"
    return (not ct, ct and one.sharp, max(one.step, THIN_MM) if ct else 0.0, one.derived, -one.slices, one.step,
            one.number)


def reason_for(best: SeriesFacts, usable: Sequence[SeriesFacts]) -> str:
    """Return why the best of several usable series was taken, in words."""
    if best.modality != "CT":
        return _("of the MRI series it has the most slices")
    rivals = [one for one in usable if one.modality == "CT" and one is not best]
    is_softer = any(one.sharp for one in rivals) and not best.sharp
    is_thinner = any(one.step > best.step for one in rivals)
    if is_softer and is_thinner:
        return _("it has a soft-tissue kernel and thin slices")
    if is_softer or is_thinner:
        return _("it has a soft-tissue kernel") if is_softer else _("it has thin slices")
    return _("of the CT series it has the most slices or comes first")


def wanted_series(listed: Sequence[SeriesFacts], wanted: str) -> SeriesFacts:
    """Return the series that the user chose.

    :param listed: series of the folder.
    :param wanted: number of a series in the list, or its UID.
    :raises ImageProblem: if there is no such series; the message lists those that there are.
    """
    found = next((one for one in listed if wanted in (str(one.number), one.uid)), None)
    if found is None:
        raise ImageProblem(_("There is no series {wanted}. The folder holds: {listed}.").format(
            wanted=wanted, listed="; ".join(one.text() for one in listed)))
    return found
