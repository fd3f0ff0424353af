"""Reading of one DICOM series from a folder as an image on a regular grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from NeuroOrbitLib.dicom.acquisitions import acquisition_notices
from NeuroOrbitLib.dicom.agreement import agreement_notices, check_agreement
from NeuroOrbitLib.dicom.frames import Frame, frames_of, is_multi_frame
from NeuroOrbitLib.dicom.headers import Header, headers_of, read_headers
from NeuroOrbitLib.dicom.pixels import read_values
from NeuroOrbitLib.dicom.regular import on_grid
from NeuroOrbitLib.dicom.stack import Stack, stack_of
from NeuroOrbitLib.imaging.checks import ImageProblem
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.sentences import sentence as _

#: Least number of slices of a volume; shorter series are localizers or single pictures.
SMALLEST_VOLUME = 5
_RAS_FROM_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])


@dataclass(frozen=True)
class SeriesVolume:
    """A series as a volume.

    :param image: voxels on a regular grid. Its K axis is the measured step from slice to slice, which is oblique with a
        tilted gantry.
    :param frames: the original slices, in the order of K.
    :param places: index along K in ``image`` of each original slice; fractional if the series is unevenly spaced.
    :param notices: notices about interpolated or omitted slices, in sentences for the user.
    """

    image: Image
    frames: tuple[Frame, ...]
    places: np.ndarray
    notices: tuple[str, ...]


def read_series(folder: Path) -> SeriesVolume:
    """Read the only volume in a folder; subfolders are not searched.

    :raises ImageProblem: if there is no volume, more than one, or it cannot be read reliably; see
        :func:`volume_of`.
    """
    return volume_of(only_series(folder))


def volume_of(headers: Sequence[Header]) -> SeriesVolume:
    """Read the volume from the files of one series.

    Missing and unevenly spaced slices are interpolated, copies of slices are left out, and the notices say so.

    :raises ImageProblem: if a file is cut off or damaged, or the slices contradict each other, have no position, or
        leave too large a gap.
    """
    stack = stack_of(checked_frames(headers))
    values = read_values(stack.frames)
    image = Image(on_grid(values, stack.places, stack.count), _affine(stack))
    notices = (*agreement_notices(_slices_of(headers)), *acquisition_notices(stack.frames), *stack.notices,
               *_copies_text(stack, values))
    return SeriesVolume(image, stack.frames, stack.places, notices)


def checked_frames(headers: Sequence[Header]) -> list[Frame]:
    """Return the slices of a series without localizers.

    :raises ImageProblem: if a file is damaged or incomplete, the files contradict each other, or a slice has no
        position.
    """
    faulty = [header for header in headers if header.fault]
    if faulty:
        others = _(", as {count} other files of the series").format(count=len(faulty) - 1) if len(faulty) > 1 else ""
        raise ImageProblem(_("{path} {fault}{others}. Copy or export the series again.").format(
            path=faulty[0].path.name, fault=faulty[0].fault, others=others))
    slices = _slices_of(headers)
    check_agreement(slices)
    return frames_of(slices)


def _slices_of(headers: Sequence[Header]) -> Sequence[Header]:
    """Return the headers without those of localizers, unless there is nothing else."""
    return [header for header in headers if not is_localizer(header)] or headers


@dataclass(frozen=True)
class SeriesCheck:
    """Result of a check of the files of a series, without their pixels.

    :param fault: defect of the files, in sentences; "" if there is none.
    :param slices: number of slices, copies included; 0 with a fault.
    :param unevenness: warning, a sentence, that programs which assume equal distances show the series wrongly; "" if
        the slices are evenly spaced.
    """

    fault: str
    slices: int = 0
    unevenness: str = ""


def check_series(files: Sequence[Path]) -> SeriesCheck:
    """Check the files of one series for defects, and for slices that are missing, double or unevenly spaced.

    :param files: files of one volume, in any order.
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
    """Return whether an image is a localizer, which only shows the position of other images."""
    return "LOCALIZER" in header.text("ImageType").upper()


def series_in(folder: Path, below: bool = False) -> dict[str, list[Header]]:
    """Return the headers of the files of each series in a folder, by series instance UID.

    A file so damaged that its series is unknown may belong to any series in its folder, and is listed with all of them.
    If its folder has no other series, it is listed with those below the nearest parent folder that has any, provided
    they are all of one study.

    :param folder: folder of the images.
    :param below: whether to search the subfolders, too.
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
    """Return the series to which a file in a folder may belong if its own series is unknown."""
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
    """Return the headers of the only series in a folder that forms a volume.

    :raises ImageProblem: if there are no DICOM images, or several such series.
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
    """Return the header of an image of the only volume in a folder, for fields of the scan; None if there is none.

    :param folder: folder of the images.
    :param of_several: whether any image will do if there are several volumes or the images are in subfolders, for
        fields that are the same in a whole study.
    """
    try:
        found = only_series(folder)
    except ImageProblem:
        found = (read_headers(folder) or read_headers(folder, below=True)) if of_several else []
    whole = [header for header in found if not header.fault]
    return next((header for header in whole if not is_localizer(header)), whole[0] if whole else None)


def slice_count(headers: Sequence[Header]) -> int:
    """Return the number of slices in the files of a series; frames without positions in one file count as one."""
    return sum(header.number("NumberOfFrames", 1) if is_multi_frame(header) else 1 for header in headers)


def _describe(headers: Sequence[Header]) -> str:
    words = [headers[0].text("SeriesNumber"), headers[0].text("SeriesDescription"), f"{slice_count(headers)} images"]
    return " ".join(filter(None, words))


def _affine(stack: Stack) -> np.ndarray:
    """Return the 4x4 matrix from voxel index (I, J, K) to RAS mm."""
    first = stack.frames[0]
    affine = np.eye(4)
    affine[:3, :3] = np.stack([first.rows * first.spacing[0], first.columns * first.spacing[1], stack.step], axis=1)
    affine[:3, 3] = first.position
    return _RAS_FROM_LPS @ affine


def _copies_text(stack: Stack, values: np.ndarray) -> list[str]:
    """Return a notice about copies of slices; empty if there are none.

    :raises ImageProblem: if a copy differs from its slice.
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
