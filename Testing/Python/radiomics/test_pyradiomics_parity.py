"""Both engines give what a plain call of PyRadiomics gives, whatever the settings."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from NeuroOrbitLib.imaging.boxes import Box
from NeuroOrbitLib.imaging.files import itk_from_image
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.radiomics.extraction import extract_features
from NeuroOrbitLib.radiomics.filters import Scan, derived_images
from NeuroOrbitLib.radiomics.names import CLASSES
from NeuroOrbitLib.radiomics.own.shape import shape
from NeuroOrbitLib.radiomics.regions import Region, all_regions
from NeuroOrbitLib.radiomics.settings import Extraction
from Testing.Python.radiomics.cases import ALL_IMAGES, profile, scan_with_regions

pytest.importorskip("radiomics", reason="PyRadiomics is not installed")
TOLERANCES = {"own": (1e-6, 1e-9), "pyradiomics": (1e-9, 1e-12)}
MRI = {"normalize": True, "normalizeScale": 100, "removeOutliers": 3, "voxelArrayShift": 300}
FEW = {"Original": {}, "Wavelet": {}}
#: Settings, image types, type of voxels and voxel size of each case.
CASES = {
    "defaults, all image types": ({}, ALL_IMAGES, np.int16, (0.7, 0.7, 3.0)),
    "normalised MRI": (MRI, {**FEW, "Square": {}, "SquareRoot": {}}, np.int16, (1.0, 0.5, 2.2)),
    "resampled MRI": ({**MRI, "resampledPixelSpacing": [0.5, 0.5, 3.0]}, FEW, np.int16, (0.7, 0.7, 3.0)),
    "linear, one axis": ({"resampledPixelSpacing": [0, 1.1, 0], "interpolator": "sitkLinear"}, FEW, np.float64,
                         (1.0, 0.8, 2.2)),
    "in planes, single precision": ({"force2D": True, "force2Ddimension": 1, "binWidth": 10}, ALL_IMAGES, np.float32,
                                    (0.6, 0.9, 1.5)),
    "cropped and resegmented": ({"preCrop": True, "resegmentRange": [-1.5, 1.5], "resegmentMode": "sigma"}, FEW,
                                np.float32, (1.0, 1.0, 1.0)),
    "bin count, deep wavelets": ({"binCount": 16}, {"Wavelet": {"level": 2, "start_level": 1}}, np.uint16,
                                 (2.0, 1.0, 0.5)),
    "narrow bins, haar, weighted": ({"binWidth": 5, "weightingNorm": "euclidean"}, {"Wavelet": {"wavelet": "haar"}},
                                    np.int16, (0.7, 0.7, 3.0)),
    "far neighbours": ({"distances": [1, 2], "gldm_a": 1, "symmetricalGLCM": False}, {"Original": {"binWidth": 60}},
                       np.int16, (0.7, 0.7, 3.0)),
}  # fmt: skip


def plain_execute(image: Image, labels: Image, parameters: dict, value: int) -> dict[str, float]:
    """PyRadiomics as its manual calls it."""
    from radiomics.featureextractor import RadiomicsFeatureExtractor

    logging.getLogger("radiomics").setLevel(logging.CRITICAL)
    wanted = {**parameters, "featureClass": {name: [] for name in CLASSES}}
    extractor = RadiomicsFeatureExtractor(wanted, additionalInfo=False)
    with np.errstate(all="ignore"):
        found = extractor.execute(itk_from_image(image), itk_from_image(labels), label=value)
    return {name: float(np.real(value)) for name, value in found.items()}


def differing(found: dict[str, float | None], expected: dict[str, float], engine: str) -> dict[str, tuple]:
    """The values that differ by more than the engine may."""
    relative, absolute = TOLERANCES[engine]
    assert found.keys() == expected.keys()
    return {name: (found[name], value) for name, value in expected.items()
            if not (found[name] is None and np.isnan(value))
            and not abs(found[name] - value) <= relative * abs(value) + absolute}


@pytest.mark.parametrize("case", CASES)
def test_values_are_those_of_plain_pyradiomics(case):
    settings, images, kind, spacing = CASES[case]
    lowest = 0.0 if np.issubdtype(kind, np.unsignedinteger) else -150.0
    image, labels = scan_with_regions(len(case), spacing=spacing, kind=kind, lowest=lowest)
    parameters = {"setting": settings, "imageType": images}
    expected = {value: plain_execute(image, labels, parameters, value) for value in (101, 102)}
    for engine in TOLERANCES:
        found = extract_features(image, labels, all_regions(labels), profile(**parameters), engine)
        for value in (101, 102):
            assert not differing(found.of(f"label_{value}"), expected[value], engine), engine


@pytest.mark.parametrize("seed", range(12))
def test_texture_and_shape_of_ragged_regions_are_those_of_pyradiomics(seed):
    random = np.random.default_rng(seed)
    size = tuple(int(number) for number in random.integers(2, 9, 3))
    values = np.round(random.normal(size=size) * 60, 2 if seed % 2 else 0)
    mask = random.random(size) < random.choice([0.15, 0.5, 0.9])
    mask.flat[0] = mask.flat[-1] = True
    affine = np.diag([*random.uniform(0.4, 3, 3), 1.0])
    image, labels = Image(values, affine), Image(mask.astype(np.uint8), affine)
    parameters = {"setting": {"binWidth": float(random.choice([5, 25, 60]))}, "imageType": {"Original": {}}}
    expected = plain_execute(image, labels, parameters, 1)
    for engine in TOLERANCES:
        found = extract_features(image, labels, [Region("region", (1,))], profile(**parameters), engine)
        assert not differing(found.of("region"), expected, engine), engine


def test_every_cube_of_the_mesh_has_the_area_and_volume_of_pyradiomics():
    from radiomics import cShape

    spacing = np.array([3.1, 0.57, 0.83])
    for number in range(1, 256):
        mask = np.zeros((4, 4, 4), dtype=bool)
        mask[1:3, 1:3, 1:3] = np.array([(number >> bit) & 1 for bit in range(8)], dtype=bool).reshape(2, 2, 2)
        area, volume, _ = cShape.calculate_coefficients(mask, spacing)
        # PyRadiomics' mesh is not closed where a face can be joined in two ways, so that the place of the region in
        # its box counts: it is called with a margin of one voxel, which our engine adds itself.
        found = shape(mask[1:3, 1:3, 1:3], spacing)
        assert (found["SurfaceArea"], found["MeshVolume"]) == pytest.approx((area, volume), rel=1e-12), number


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("size", [(8, 10, 12), (9, 17, 18), (2, 30, 41)])
def test_wavelets_of_a_part_are_bit_equal_to_those_of_the_whole(kind, size):
    from radiomics.imageoperations import getWaveletImage

    scan = Scan((np.random.default_rng(0).normal(size=size) * 500).astype(kind), (1.0, 1.0, 1.0))
    wanted = Extraction(image_types={"Wavelet": {}})
    whole = {name: array for array, name, _ in getWaveletImage(scan.itk(), None)}
    boxes = [Box((0, 0, 0), size), Box((1, 3, 5), (2, 9, 11)), Box((0, size[1] - 3, size[2] - 2), size)]
    import SimpleITK as sitk

    for box in boxes:
        found = {name: array for name, array, _ in derived_images(scan, box, wanted)}
        assert found.keys() == whole.keys()
        for name, array in found.items():
            np.testing.assert_array_equal(array, sitk.GetArrayFromImage(whole[name])[box.slices], err_msg=name)
