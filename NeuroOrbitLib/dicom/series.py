"""Reading one DICOM series from a folder as an image on a regular grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from NeuroOrbitLib.dicom.agreement import agreement_notices, check_agreement
from NeuroOrbitLib.dicom.frames import Frame, frames_of, is_multi_frame
from NeuroOrbitLib.dicom.headers import Header, headers_of, read_headers
from NeuroOrbitLib.dicom.pixels import read_values
from NeuroOrbitLib.dicom.regular import on_grid
from NeuroOrbitLib.dicom.stack import Stack, stack_of
from NeuroOrbitLib.imaging.checks import ImageProblem
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.sentences import sentence as _

#: Series of fewer slices are localizers and single pictures.
SMALLEST_VOLUME = 5
_RAS_FROM_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])


@dataclass(frozen=True)
class SeriesVolume:
    """A series as a volume.

    :param image: voxels on a regular grid; its K axis is the measured step from slice to slice, which a tilted gantry
        makes oblique.
    :param frames: the original slices, in the order of K.
    :param places: index K in ``image`` of each of them; not whole where the series is unevenly spaced.
    :param notices: what was interpolated or left out, in sentences for the user.
    """

    image: Image
    frames: tuple[Frame, ...]
    places: np.ndarray
    notices: tuple[str, ...]


def read_series(folder: Path) -> SeriesVolume:
    """Read the one volume in a folder; subfolders are not looked into.

    :raises ImageProblem: if there is no volume, more than one, or it cannot be read for certain; see
        :func:`volume_of`.
    """
    return volume_of(only_series(folder))


def volume_of(headers: Sequence[Header]) -> SeriesVolume:
    """The volume that the files of one series form.

    Missing slices and uneven steps are interpolated, copies of slices left out, and the notices say so.

    :raises ImageProblem: if a file is cut off or damaged, or the slices contradict each other, do not say where they
        lie, or leave too large a gap.
    """
    stack = stack_of(checked_frames(headers))
    values = read_values(stack.frames)
    image = Image(on_grid(values, stack.places, stack.count), _affine(stack))
    notices = (*agreement_notices(headers), *stack.notices, *_copies_text(stack, values))
    return SeriesVolume(image, stack.frames, stack.places, notices)


def checked_frames(headers: Sequence[Header]) -> list[Frame]:
    """The slices of a series, localizers that share its number left out.

    :raises ImageProblem: if a file is not whole, or a slice does not say where it lies.
    """
    faulty = [header for header in headers if header.fault]
    if faulty:
        others = _(", as {count} other files of the series").format(count=len(faulty) - 1) if len(faulty) > 1 else ""
        raise ImageProblem(_("{path} {fault}{others}. Copy or export the series again.").format(
            path=faulty[0].path.name, fault=faulty[0].fault, others=others))
    images = [header for header in headers if not is_localizer(header)] or headers
    check_agreement(images)
    return frames_of(images)


@dataclass(frozen=True)
class SeriesCheck:
    """What the files of a series say about themselves, without their pixels.

    :param fault: what is wrong with them, in sentences; "" if nothing.
    :param slices: how many there are, copies included; 0 with a fault.
    :param unevenness: what programs that space all slices alike get wrong, a sentence; "" if they are spaced alike.
    """

    fault: str
    slices: int = 0
    unevenness: str = ""


def check_series(files: Sequence[Path]) -> SeriesCheck:
    """Return what is wrong with the files of one series, and where slices are missing, double or unevenly spaced.

    :param files: those of one volume, in any order.
    """
    try:
        stack = stack_of(checked_frames(headers_of(files)))
    except ImageProblem as problem:
        return SeriesCheck(str(problem))
    uneven = bool(stack.notices or stack.copies)
    return SeriesCheck("", len(stack.frames) + len(stack.copies), _unevenness(stack) if uneven else "")


def _unevenness(stack: Stack) -> str:
    normal = stack.frames[0].normal
    steps = np.diff(sorted(frame.position @ normal for frame in
                           (*stack.frames, *(copy for _kept, copy in stack.copies))))
    return _("Slices of the DICOM series are missing, double or unevenly spaced ({min:.2f} to {max:.2f} mm apart), but "
             "the scan shows them at equal distances, so that sizes and volumes are not right: export the series "
             "again, or take its folder on the page Batch of Orbit Segmentation, which puts each slice in its "
             "place.").format(min=abs(steps.min()), max=steps.max())


def is_localizer(header: Header) -> bool:
    """Whether an image is one that only shows where others lie."""
    return "LOCALIZER" in header.text("ImageType").upper()


def series_in(folder: Path, below: bool = False) -> dict[str, list[Header]]:
    """The files of each series in a folder, with ``below`` also in its subfolders, by series instance UID.

    A file that is so damaged that it does not say its series may belong to any in its folder: it is listed with all of
    them. Where its folder has no other, those in the nearest folder above take their place, if they are of one study.

    :raises ImageProblem: if there are no DICOM images.
    """
    found: dict[str, list[Header]] = {}
    for header in read_headers(folder, below):
        found.setdefault(header.text("SeriesInstanceUID") if not _is_lost(header) else "", []).append(header)
    lost = [header for header in found.get("", []) if _is_lost(header)]
    if lost and len(found) > 1:
        del found[""]
        possible = {folder: _possible_series(folder, found) for folder in {header.path.parent for header in lost}}
        found = {uid: [*headers, *(header for header in lost if uid in possible[header.path.parent])]
                 for uid, headers in found.items()}
    if not found:
        raise ImageProblem(_("There are no DICOM images in {folder}. Choose the folder of one series, or an image "
                             "file.").format(folder=folder))
    return found


def _possible_series(folder: Path, found: Mapping[str, Sequence[Header]]) -> list[str]:
    """The series that a file in a folder may belong to, if it does not say to which."""
    beside = [uid for uid, headers in found.items() if any(header.path.parent == folder for header in headers)]
    if beside:
        return beside
    for above in (folder, *folder.parents):
        near = {uid: {header.text("StudyInstanceUID") for header in headers if above in header.path.parents}
                for uid, headers in found.items()}
        studies = set().union(*near.values())
        if studies:
            return [uid for uid, own in near.items() if own] if len(studies) == 1 else []
    return []


def _is_lost(header: Header) -> bool:
    return bool(header.fault) and not header.text("SeriesInstanceUID")


def only_series(folder: Path) -> list[Header]:
    """The files of the one series in a folder that forms a volume.

    :raises ImageProblem: if there is none, or more than one.
    """
    series = series_in(folder)
    volumes = [headers for headers in series.values() if slice_count(headers) >= SMALLEST_VOLUME]
    volumes = volumes or list(series.values())
    if len(volumes) > 1:
        listing = "; ".join(sorted(_describe(headers) for headers in volumes))
        raise ImageProblem(_("{folder} holds {count} series ({listing}). Put the wanted one into its own "
                             "folder.").format(folder=folder, count=len(volumes), listing=listing))
    return volumes[0]


def image_header(folder: Path, of_several: bool = False) -> Header | None:
    """The header of an image of the one volume in a folder, for what it says of the scan; None if there is none.

    :param of_several: where there are several volumes, whether that of any image will do, for what all of a study say
        alike; subfolders are looked into then.
    """
    try:
        found = only_series(folder)
    except ImageProblem:
        found = (read_headers(folder) or read_headers(folder, below=True)) if of_several else []
    whole = [header for header in found if not header.fault]
    return next((header for header in whole if not is_localizer(header)), whole[0] if whole else None)


def slice_count(headers: Sequence[Header]) -> int:
    """How many slices the files of a series hold; a picture of several frames without places counts as one."""
    return sum(header.number("NumberOfFrames", 1) if is_multi_frame(header) else 1 for header in headers)


def _describe(headers: Sequence[Header]) -> str:
    words = [headers[0].text("SeriesNumber"), headers[0].text("SeriesDescription"), f"{slice_count(headers)} images"]
    return " ".join(filter(None, words))


def _affine(stack: Stack) -> np.ndarray:
    """4x4 matrix from index (I, J, K) to RAS mm."""
    first = stack.frames[0]
    affine = np.eye(4)
    affine[:3, :3] = np.stack([first.rows * first.spacing[0], first.columns * first.spacing[1], stack.step], axis=1)
    affine[:3, 3] = first.position
    return _RAS_FROM_LPS @ affine


def _copies_text(stack: Stack, values: np.ndarray) -> list[str]:
    """A notice about slices that were there more than once.

    :raises ImageProblem: if they are not equal.
    """
    if not stack.copies:
        return []
    rows = {id(frame): row for row, frame in enumerate(stack.frames)}
    copies = read_values([copy for _, copy in stack.copies])
    for (kept, _copy), copy in zip(stack.copies, copies, strict=True):
        if not np.array_equal(values[rows[id(kept)]], copy):
            raise ImageProblem(_("The series holds several different slices at the same place (repeated scans, "
                                 "echoes or phases). Export one of them as a series of its own."))
    number = len(stack.copies)
    return [_("One slice is there twice; the copy was left out.") if number == 1 else
            _("{number} slices are there twice; the copies were left out.").format(number=number)]
