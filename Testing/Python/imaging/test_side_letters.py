"""The patient's right and left stand in every picture of anatomy that leaves the program."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pytest
import SimpleITK as sitk

from NeuroOrbitLib.anatomy.structures import label_rgb, label_value
from NeuroOrbitLib.clinical_report.pictures import axial_picture, report_pictures
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.pictures import with_side_letters
from NeuroOrbitLib.phantom.patients.write_thumbnails import thumbnail
from Testing.Demo.edge_letters import edge_letters, mark_edges
from Testing.Lint.source_tree import REPOSITORY

#: What writes pictures of anatomy; each is tested here, those of the classifiers' report (HTML or PDF, the
#: pictures of both are the same) with TAOActivity's report.
ANATOMY = {
    "NeuroOrbitLib/classifiers/report.py", "NeuroOrbitLib/clinical_report/page.py",
    "NeuroOrbitLib/clinical_report/pdf.py", "NeuroOrbitLib/evaluation/reports/pdf_page.py",
    "NeuroOrbitLib/phantom/patients/write_thumbnails.py",
    "NeuroDifferential/NeuroDifferentialLib/differential/synthetic/write_thumbnails.py",
    "OrbitSegmentation/OrbitSegmentationLib/batch/work.py", "Testing/Demo/small_files.py",
    "Testing/Experiments/validation/autocorrection.py", "Testing/Experiments/validation/orbit/pictures.py",
}  # fmt: skip
#: What writes charts, diagrams and icons.
CHARTS = {
    "NeuroOrbitLib/evaluation/classification/figures.py", "Testing/Demo/draw_architecture.py",
    "Testing/Demo/draw_extension_icon.py", "Testing/Demo/draw_module_icon.py", "Testing/Experiments/annotation/plot.py",
    "Testing/Experiments/reproduction/orbit_report.py",
}  # fmt: skip
_WRITES = re.compile(r"\.savefig\(|(?<!def )png_(?:data_url|bytes)\(|WriteImage\(.*\.png|WriteImage\(drawn")
RIGHT_EYE, LEFT_EYE = label_value("eyeball", "right"), label_value("eyeball", "left")


def test_no_picture_is_written_that_nobody_has_looked_at():
    """A new writer of pictures belongs to one of the two lists, with a test here if it shows anatomy."""
    sources = [path for folder in ("NeuroOrbitLib", "OrbitSegmentation", "TAOActivity", "IVGCResponse",
                                   "NeuroDifferential", "Testing/Demo", "Testing/Experiments")
               for path in (REPOSITORY / folder).rglob("*.py") if not path.name.startswith("test_")]
    writers = {path.relative_to(REPOSITORY).as_posix() for path in sources
               if _WRITES.search(path.read_text(encoding="utf-8"))}
    assert writers - {"NeuroOrbitLib/imaging/pictures.py"} == ANATOMY | CHARTS


def assert_letters(pixels: np.ndarray, left_edge: str, scale: int) -> None:
    """The letters are where :func:`with_side_letters` draws them, R at one edge and L at the other."""
    ground = np.full_like(pixels, 128)
    expected = with_side_letters(ground, left_edge, scale)
    drawn = expected != ground
    assert (pixels[drawn] == expected[drawn]).all()


def two_eyes(columns_to_right: bool) -> tuple[Image, Image]:
    """A CT of two balls with their labels, the right one larger, columns in either direction."""
    affine = np.diag([1.0, 1.0, 1.0, 1.0])
    affine[:3, 3] = (-47.5, -25.0, -20.0)
    labels = Image(np.zeros((40, 50, 96), np.uint8), affine)
    ras = labels.grid.ras_from_ijk(np.moveaxis(np.indices(labels.array.shape), 0, -1)[..., ::-1].astype(float))
    for value, x, radius in ((RIGHT_EYE, 28.0, 13), (LEFT_EYE, -28.0, 8)):
        labels.array[np.linalg.norm(ras - (x, 0, 0), axis=-1) < radius] = value
    if not columns_to_right:
        affine = affine.copy()
        affine[0] = (-1.0, 0.0, 0.0, 47.5)
        labels = Image(np.ascontiguousarray(labels.array[:, :, ::-1]), affine)
    return labels.with_array((labels.array > 0) * np.float32(40.0) - 20), labels


def column_of(mask: np.ndarray) -> float:
    """Mean column of a mask, 0 at the left edge of the picture and 1 at its right edge."""
    return float(np.nonzero(mask)[1].mean() / mask.shape[1])


@pytest.mark.parametrize("columns_to_right", [True, False])
def test_report_and_batch_show_the_right_eye_beside_the_letter_r(columns_to_right):
    scan, labels = two_eyes(columns_to_right)
    axial, coronal, surfaces = (pixels for _caption, pixels in report_pictures(scan, labels, True))
    for pixels in (axial, coronal, axial_picture(scan, labels, True)):
        assert_letters(pixels, "R", 3)
        right, left = ((pixels == label_rgb(value)).all(axis=-1) for value in (RIGHT_EYE, LEFT_EYE))
        assert column_of(right) < 0.4 < 0.6 < column_of(left)
    assert_letters(surfaces, "R", 3)
    assert column_of((surfaces < 250).any(axis=-1)) < 0.45


@dataclass
class _Plan:
    modality: str = "CT"


@dataclass
class _Sample:
    image: Image
    labels: Image
    protocol: _Plan


@pytest.mark.parametrize(("columns_to_right", "left_edge"), [(True, "L"), (False, "R")])
def test_thumbnails_of_samples_say_which_side_is_which(columns_to_right, left_edge):
    scan, labels = two_eyes(columns_to_right)
    labels.array[labels.array > 0] += label_value("optic_nerve", "right") - RIGHT_EYE
    assert_letters(thumbnail(_Sample(scan, labels, _Plan())), left_edge, 2)


@pytest.mark.parametrize("path", sorted(
    path for module in ("OrbitSegmentation", "TAOActivity", "IVGCResponse", "NeuroDifferential")
    for path in (REPOSITORY / module / "Resources" / "Icons").glob("*.png") if path.stem != module),
    ids=lambda path: path.stem)
def test_shipped_thumbnails_say_which_side_is_which(path):
    assert_letters(sitk.GetArrayFromImage(sitk.ReadImage(str(path))), "R", 2)


@pytest.mark.parametrize(("across", "letters"), [
    ((-1.0, 0.1, 0.0), ("R", "L")), ((0.9, 0.4, 0.0), ("L", "R")), ((0.0, 1.0, -0.2), ("P", "A")),
])
def test_drawn_sections_have_the_letters_of_their_edges(across, letters):
    from matplotlib.figure import Figure

    axes = Figure().subplots()
    mark_edges(axes, np.array(across))
    assert edge_letters(np.array(across)) == letters
    assert [text.get_text() for text in sorted(axes.texts, key=lambda text: text.get_position())] == list(letters)
