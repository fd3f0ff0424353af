"""Label maps become segments with the right names, sides, colours and place."""

import numpy as np
import pytest
import slicer
from vtk.util.numpy_support import vtk_to_numpy

from NeuroOrbitLib import anatomy
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.mrml import provenance, segment_content, segment_masks
from NeuroOrbitLib.mrml.measuring import expected_dice
from NeuroOrbitLib.mrml.segmentation_results import TABLE_REFERENCE
from NeuroOrbitLib.mrml.segmentations import add_segmentation, content_box, oriented_image, show_in_3d
from NeuroOrbitLib.mrml.volumes import image_from_node, node_from_image

OBLIQUE = np.array([[0.8, 0.3, 0.0, -20.0], [-0.3, 0.8, 0.0, 10.0], [0.0, 0.0, 2.5, -5.0], [0.0, 0.0, 0.0, 1.0]])


def label_array():
    labels = np.zeros((8, 20, 24), np.uint8)
    labels[2:5, 4:9, 3:8] = 1
    labels[2:5, 4:9, 15:20] = 2
    labels[5:8, 10:13, 4:7] = 9
    return labels


@pytest.fixture
def volume(slicer_session):
    return node_from_image(Image(np.zeros((8, 20, 24), np.int16), OBLIQUE), "Scan")


def put_under_transform(volume):
    turn = np.array([[0, -1, 0, 3], [1, 0, 0, 4], [0, 0, 1, 5], [0, 0, 0, 1]], float)
    transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    transform.SetMatrixTransformToParent(slicer.util.vtkMatrixFromArray(turn))
    volume.SetAndObserveTransformNodeID(transform.GetID())


def world_center(labels, affine, value):
    return Image(labels, affine).grid.ras_from_ijk(np.argwhere(labels == value)[:, ::-1].mean(axis=0))


@pytest.mark.parametrize("moved", [False, True], ids=["plain", "under a transform"])
def test_segments_lie_where_the_labels_lie(volume, moved):
    if moved:
        put_under_transform(volume)
    affine = image_from_node(volume).affine
    node = add_segmentation(Image(label_array(), affine), volume, "Result")
    for value in (1, 2, 9):
        center = node.GetSegmentCenterRAS(anatomy.segment_id(value))
        np.testing.assert_allclose(center, world_center(label_array(), affine, value), atol=1e-5)


def test_voxels_come_back_exactly_on_the_volumes_grid(volume):
    put_under_transform(volume)
    node = add_segmentation(Image(label_array(), image_from_node(volume).affine), volume, "Result")
    for value in (1, 2, 9):
        found = slicer.util.arrayFromSegmentBinaryLabelmap(node, anatomy.segment_id(value), volume)
        np.testing.assert_array_equal(found != 0, label_array() == value)


def test_a_structure_that_was_corrected_by_hand_no_longer_has_the_models_confidence(volume):
    node = add_segmentation(Image(label_array(), image_from_node(volume).affine), volume, "Result")
    table = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode")
    node.SetNodeReferenceID(TABLE_REFERENCE, table.GetID())
    segment_content.keep_content(table, node)
    provenance.add_record("record", {"measurements": [
        {"label": 1, "confidence": 0.9}, {"label": 2, "confidence": 0.6}, {"label": 9, "confidence": None}]}, [node])
    assert expected_dice(node) == {"1": 0.9, "2": 0.6}
    corrected = label_array() == 2
    corrected[2] = False
    segment_masks.set_segment_mask(node, anatomy.segment_id(2), corrected, volume)
    assert expected_dice(node) == {"1": 0.9}


@pytest.mark.parametrize("as_image", [segment_masks.label_image, segment_masks.union_of_segments])
def test_segments_that_came_as_surfaces_get_voxels(slicer_session, as_image):
    z, y, x = np.ogrid[:24, :40, :60]
    expected = np.zeros((24, 40, 60), np.uint8)
    for value, middle in ((1, 17), (2, 43)):
        expected[((z - 12) * 1.5) ** 2 + (y - 20) ** 2 + (x - middle) ** 2 < 144] = value
    affine = OBLIQUE @ np.diag([1.2, 1.2, 0.6, 1.0])
    volume = node_from_image(Image(expected.astype(np.int16), affine), "Scan")
    node = add_segmentation(Image(expected, affine), volume, "From a planning system")
    surface = slicer.vtkSegmentationConverter.GetClosedSurfaceRepresentationName()
    node.CreateClosedSurfaceRepresentation()
    node.GetSegmentation().SetSourceRepresentationName(surface)
    node.GetSegmentation().RemoveRepresentation(
        slicer.vtkSegmentationConverter.GetBinaryLabelmapRepresentationName())
    found = as_image(node, volume).array
    if as_image is segment_masks.union_of_segments:
        expected = (expected > 0).astype(np.uint8)
    same = np.count_nonzero((found == expected) & (expected > 0))
    assert 2 * same > 0.95 * (np.count_nonzero(found) + np.count_nonzero(expected))
    assert node.GetSegmentation().GetSourceRepresentationName() == surface, "the surfaces stay what they are"


def test_segmentation_stays_where_it_was_computed_if_the_volume_moved_meanwhile(volume):
    affine = image_from_node(volume).affine
    put_under_transform(volume)
    node = add_segmentation(Image(label_array(), affine), volume, "Result")
    assert node.GetParentTransformNode() is None
    np.testing.assert_allclose(
        node.GetSegmentCenterRAS("right_eyeball"), world_center(label_array(), affine, 1), atol=1e-5)


def test_a_segment_is_the_structure_that_the_user_says_it_is(volume):
    """In Slicer's segment list a double click on the colour chooses what a segment is; its identifier stays."""
    labels = np.zeros((8, 20, 24), np.uint8)
    labels[1:3, 4, 4], labels[5, 6, 7] = 9, 10
    node = add_segmentation(Image(labels, OBLIQUE), volume, "Result")
    known, segmentation = segment_content.known_content(node), node.GetSegmentation()
    right, left = (segmentation.GetSegment(anatomy.segment_id(value)) for value in (9, 10))
    tag = slicer.vtkSegment.GetTerminologyEntryTagName()
    for segment, said in ((right, 10), (left, 9)):
        segment.SetTag(tag, anatomy.terminology_entry(said))
    exchanged = np.choose(labels.astype(int), [0] * 9 + [10, 9])
    np.testing.assert_array_equal(segment_masks.label_image(node, volume).array, exchanged)
    assert segment_content.known_content(node) == {"9": known["10"], "10": known["9"]}
    segmentation.RemoveSegment(anatomy.segment_id(10))
    added = segment_masks.add_label_segment(node, 9)
    assert segment_masks.labelled_segments(node) == {10: anatomy.segment_id(9), 9: added}
    right.SetTag(tag, "Segmentation category and type - 3D Slicer General Anatomy list~SCT^85756007^Tissue~"
                      "SCT^85756007^Tissue~^^~~^^~^^")
    assert segment_masks.labelled_segments(node)[9] == anatomy.segment_id(9), "what Slicer calls any new segment"
    without_side = anatomy.terminology_entry(9).replace("SCT^24028007^Right", "^^")
    right.SetTag(tag, without_side)
    assert segment_masks.labelled_segments(node)[9] == anatomy.segment_id(9)


def test_a_segment_that_the_user_calls_a_tumour_is_no_muscle(volume):
    labels = np.zeros((8, 20, 24), np.uint8)
    labels[1:3, 4, 4], labels[5, 6, 7] = 9, 10
    node = add_segmentation(Image(labels, OBLIQUE), volume, "Result")
    node.GetSegmentation().GetSegment(anatomy.segment_id(9)).SetTag(
        slicer.vtkSegment.GetTerminologyEntryTagName(),
        "Segmentation category and type - 3D Slicer General Anatomy list~SCT^49755003^Morphologically Altered "
        "Structure~SCT^4147007^Mass~^^~Anatomic codes - DICOM master list~^^~^^")
    assert segment_masks.labelled_segments(node) == {10: anatomy.segment_id(10)}
    assert segment_masks.other_segments(node) == ["Right medial rectus muscle"]
    np.testing.assert_array_equal(segment_masks.label_image(node, volume).array, np.where(labels == 10, 10, 0))


def test_segments_of_a_label_map_from_elsewhere_are_known_by_their_names(volume):
    """Slicer gives the segments that it makes from a label map, or that the user adds, names but no codes."""
    names = {1: "Right medial rectus muscle", 2: "LR_left", 3: "Right eyeball", 4: "Eyeball", 5: "Levator right",
             6: "Tumour"}
    labels = np.zeros((8, 20, 24), np.uint8)
    for value in names:
        labels[value, value, 4] = value

    def plain(value: int) -> tuple[str, slicer.vtkSegment]:
        segment = slicer.vtkSegment()
        segment.SetName(names[value])
        segment.SetLabelValue(value)
        return f"Segment_{value}", segment

    node = add_segmentation(Image(labels, OBLIQUE), volume, "Another reader", plain)
    assert segment_masks.labelled_segments(node) == {9: "Segment_1", 12: "Segment_2", 1: "Segment_3"}
    expected = np.choose(labels.astype(int), [0, 9, 12, 1, 0, 0, 0])
    np.testing.assert_array_equal(segment_masks.label_image(node, volume).array, expected)
    assert segment_masks.other_segments(node) == ["Eyeball", "Levator right", "Tumour"]


def test_segments_carry_the_vocabulary(volume):
    node = add_segmentation(Image(label_array(), OBLIQUE), volume, "Result")
    segmentation = node.GetSegmentation()
    assert list(segmentation.GetSegmentIDs()) == ["right_eyeball", "left_eyeball", "right_medial_rectus"]
    segment = segmentation.GetSegment("left_eyeball")
    assert segment.GetName() == "Left eyeball"
    np.testing.assert_allclose(segment.GetColor(), anatomy.label_color(2))
    assert "SCT^79652003^Eyeball~SCT^7771000^Left" in segment.GetTerminology()


def test_volume_is_the_reference_for_dicom_export(volume):
    node = add_segmentation(Image(label_array(), OBLIQUE), volume, "Result")
    role = slicer.vtkMRMLSegmentationNode.GetReferenceImageGeometryReferenceRole()
    assert node.GetNodeReference(role) is volume


def test_all_segments_share_one_cropped_layer(volume):
    node = add_segmentation(Image(label_array(), OBLIQUE), volume, "Result")
    assert node.GetSegmentation().GetNumberOfLayers() == 1
    assert oriented_image(Image(label_array(), OBLIQUE)).GetExtent() == (3, 19, 4, 12, 2, 7)


def test_an_empty_label_map_gives_an_empty_segmentation(volume):
    node = add_segmentation(Image(np.zeros((8, 20, 24), np.uint8), OBLIQUE), volume, "Result")
    assert node.GetSegmentation().GetNumberOfSegments() == 0
    assert content_box(np.zeros((2, 3, 4))) == (slice(0, 1), slice(0, 1), slice(0, 1))


def test_surfaces_enclose_the_volume_of_the_labels(volume):
    node = add_segmentation(Image(label_array(), OBLIQUE), volume, "Result")
    show_in_3d(node)
    surface = node.GetClosedSurfaceInternalRepresentation("right_eyeball")
    assert surface.GetNumberOfPoints() > 50
    assert node.GetDisplayNode().GetVisibility3D()
    assert node.GetDisplayNode().GetSegmentOpacity3D("right_eyeball") < node.GetDisplayNode().GetSegmentOpacity3D(
        "right_medial_rectus")


def test_fat_is_filled_faintly_so_that_the_scan_is_seen(volume):
    labels = label_array()
    labels[labels == 9] = 21
    display = add_segmentation(Image(labels, OBLIQUE), volume, "Result").GetDisplayNode()
    assert display.GetSegmentOpacity2DFill("right_orbital_fat") == pytest.approx(0.2)
    assert display.GetSegmentOpacity2DFill("right_eyeball") == pytest.approx(1.0)


@pytest.mark.parametrize("mirrored", [False, True], ids=["right-handed", "left-handed"])
def test_surfaces_are_those_of_the_application_and_look_outwards(volume, mirrored):
    affine = OBLIQUE @ np.diag([-1.0 if mirrored else 1.0, 1.0, 1.0, 1.0])
    labels = label_array().repeat(4, axis=0).repeat(4, axis=1).repeat(4, axis=2)
    mine, theirs = (add_segmentation(Image(labels, affine), volume, name) for name in ("Mine", "Theirs"))
    show_in_3d(mine)
    theirs.CreateClosedSurfaceRepresentation()
    for value in (1, 2, 9):
        own, other = (node.GetClosedSurfaceInternalRepresentation(anatomy.segment_id(value)) for node in (mine, theirs))
        np.testing.assert_allclose(own.GetBounds(), other.GetBounds(), atol=1.0)
        voxels = np.count_nonzero(labels == value) * abs(np.linalg.det(affine))
        assert signed_volume(own) == pytest.approx(voxels, rel=0.1), "positive: faces are turned outwards"
        data = own.GetPoints().GetData(), own.GetPointData().GetNormals()
        points, normals = map(vtk_to_numpy, data)
        assert ((points - points.mean(axis=0)) * normals).sum(axis=1).min() > 0


def signed_volume(surface):
    points = vtk_to_numpy(surface.GetPoints().GetData()).astype(float)
    corners = points[vtk_to_numpy(surface.GetPolys().GetConnectivityArray()).reshape(-1, 3)]
    return np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])).sum() / 6


def test_a_surface_has_two_triangles_for_each_voxel_face_between_its_label_and_another(volume):
    labels = np.random.default_rng(3).integers(0, 4, (6, 7, 8)).astype(np.uint8)
    labels[:, :, 4] = 0  # as between two orbits
    node = add_segmentation(Image(labels, OBLIQUE), volume, "Result")
    show_in_3d(node)
    padded = np.pad(labels, 1)
    for value in (1, 2, 3):
        inside = padded == value
        faces = sum(np.count_nonzero(np.diff(inside, axis=axis)) for axis in range(3))
        surface = node.GetClosedSurfaceInternalRepresentation(anatomy.segment_id(value))
        assert surface.GetNumberOfPolys() == 2 * faces
        assert signed_volume(surface) > 0


def test_surface_follows_what_is_edited_afterwards(volume):
    node = add_segmentation(Image(label_array(), OBLIQUE), volume, "Result")
    show_in_3d(node)
    before = signed_volume(node.GetClosedSurfaceInternalRepresentation("right_eyeball"))
    grown = label_array() == 1
    grown[2:5, 2:9, 1:8] = True
    segment_masks.set_segment_mask(node, "right_eyeball", grown, volume)
    after = signed_volume(node.GetClosedSurfaceInternalRepresentation("right_eyeball"))
    assert after > 1.3 * before


def test_segments_that_overlap_get_their_surfaces_too(volume):
    node = add_segmentation(Image(label_array(), OBLIQUE), volume, "Result")
    segment_masks.set_segment_mask(node, segment_masks.add_label_segment(node, 3), label_array() > 0, volume)
    show_in_3d(node)
    for name in ("right_eyeball", "left_eyeball", "right_medial_rectus", "right_optic_nerve"):
        assert node.GetClosedSurfaceInternalRepresentation(name).GetNumberOfPoints() > 30


@pytest.mark.parametrize("outer", ["bony_orbit", "orbital_fat", "eyeball"])
def test_what_lies_within_a_structure_keeps_its_voxels_in_whatever_order_segments_are_listed(volume, outer):
    """An orbit that was drawn as a whole, or an eyeball with its lens, took all from within: nothing was left of it."""
    lens, muscle, hull = (anatomy.label_value(name, "right") for name in ("lens", "medial_rectus", outer))
    labels = np.where(label_array() == 1, lens, np.where(label_array() == 9, muscle, 0)).astype(np.uint8)
    node = add_segmentation(Image(labels, OBLIQUE), volume, "Drawn")
    whole = np.zeros(labels.shape, bool)
    whole[1:, 2:14, 2:10] = True
    segment_masks.set_segment_mask(node, segment_masks.add_label_segment(node, hull), whole, volume)
    expected = np.where(labels > 0, labels, np.where(whole, hull, 0))
    np.testing.assert_array_equal(segment_masks.label_image(node, volume).array, expected)


def finer(volume):
    """A volume that shows the same place, with half the distance from slice to slice."""
    affine = OBLIQUE.copy()
    affine[:3, 2] /= 2
    return node_from_image(Image(np.zeros((16, 20, 24), np.int16), affine), "Finer")


@pytest.mark.parametrize("other_grid", [False, True], ids=["own grid", "finer grid"])
def test_masks_of_segments_are_theirs_whether_they_share_a_label_map_or_not(volume, other_grid, monkeypatch):
    node = add_segmentation(Image(label_array(), OBLIQUE), volume, "Result")
    segment_masks.set_segment_mask(node, segment_masks.add_label_segment(node, 3), label_array() > 0, volume)
    grid = finer(volume) if other_grid else volume
    resampled, real = [], segment_masks._values_on
    monkeypatch.setattr(segment_masks, "_values_on", lambda *given: resampled.append(given) or real(*given))
    masks = segment_masks.label_masks(node, grid)
    assert masks.keys() == {1, 2, 3, 9} and len(resampled) == 2, "one label map for three segments, one for the other"
    for value, mask in masks.items():
        expected = slicer.util.arrayFromSegmentBinaryLabelmap(node, anatomy.segment_id(value), grid)
        np.testing.assert_array_equal(mask, expected != 0)
        assert mask.any()


def test_whoever_shows_a_result_is_told_of_its_surfaces_once(volume):
    node = add_segmentation(Image(label_array(), OBLIQUE), volume, "Result")
    told = []
    node.AddObserver(slicer.vtkSegmentation.SegmentModified, lambda *_: told.append(1))
    show_in_3d(node)
    assert len(told) <= 1, "views rebuild what they show each time"
