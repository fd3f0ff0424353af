"""The pipeline from file to file, and what it tells the user."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from NeuroOrbitLib.anatomy.structures import RECTI, STRUCTURES, Side, label_value, structure_of
from NeuroOrbitLib.imaging import Image, intensity
from NeuroOrbitLib.imaging.files import load_image, save_image
from NeuroOrbitLib.imaging.geometry import reorient_to_ras
from NeuroOrbitLib.measurements.artificial_lens import ArtificialLens
from NeuroOrbitLib.measurements.volumes import measure_labels
from NeuroOrbitLib.models import ModelFacts, ModelProblem, find_package, write_package
from NeuroOrbitLib.problem import Problem
from OrbitSegmentationLib import pipeline
from OrbitSegmentationLib.any_contrast.classes import LABEL_OF_CLASS
from OrbitSegmentationLib.any_contrast.network import AnyContrastNetwork
from OrbitSegmentationLib.model_kinds import DEFAULT_MODEL, RULES_VERSION
from OrbitSegmentationLib.paper_networks.profiles import SEQ_UNET_IMPROVED
from OrbitSegmentationLib.quality.coverage import coverage_notices
from OrbitSegmentationLib.quality.plausibility import missing_notices, volume_notices
from OrbitSegmentationLib.run_model import Found
from Testing.dicom_series import evenly, write_series


@pytest.fixture
def random_package(tmp_path):
    """A package with the right network and weights that find nothing."""
    torch.manual_seed(0)
    widths = {"locator_widths": (2, 2), "orbit_widths": (2, 2)}
    network = AnyContrastNetwork(**widths)
    torch.nn.init.constant_(network.locator.head.weight, 0.0)
    torch.nn.init.constant_(network.locator.head.bias, -9.0)
    facts = ModelFacts(name="blind", version="1", title="Blind", modality="CT",
                       labels=find_package(DEFAULT_MODEL).facts.labels, training_data="synthetic", license="Apache-2.0",
                       network="any_contrast", network_arguments=widths,
                       settings={"label_of_class": list(LABEL_OF_CLASS)})
    return write_package(tmp_path / "blind", network.state_dict(), facts)


@pytest.fixture
def scan_file(tmp_path):
    array = np.random.default_rng(0).normal(100, 20, (20, 24, 22)).astype(np.float32)
    return save_image(Image(array, np.diag([2.0, 2.0, 3.0, 1.0])), tmp_path / "scan.nii.gz")


def test_a_scan_without_eyes_is_refused_in_plain_words_and_nothing_is_written(random_package, scan_file, tmp_path):
    output = tmp_path / "result" / "labels.nii.gz"
    with pytest.raises(Problem, match="No eye was found"):
        pipeline.segment_file(str(scan_file), str(output), model=str(random_package.folder), device="cpu")
    assert not output.exists()


def test_an_unknown_model_is_named_with_those_there_are(scan_file, tmp_path):
    with pytest.raises(ModelProblem, match="nosuchmodel"):
        pipeline.segment_file(str(scan_file), str(tmp_path / "x.nii.gz"), model="nosuchmodel")


def test_a_model_of_another_module_is_refused(random_package, tmp_path):
    facts = random_package.facts
    other = write_package(tmp_path / "other", {"weight": torch.zeros(1)},
                          ModelFacts(**{**vars(facts), "name": "other", "network": "tao_a"}))
    image = Image(np.random.default_rng(0).normal(size=(16, 16, 16)), np.diag([3.0, 3.0, 3.0, 1.0]))
    with pytest.raises(ModelProblem, match="does not segment orbits"):
        pipeline.segment_image(image, other)


def test_what_was_done_to_a_dicom_series_is_a_notice(random_package, tmp_path, monkeypatch):
    stored = np.random.default_rng(0).normal(100, 20, (19, 24, 22)).astype(np.int16)
    write_series(tmp_path / "study" / "thin", np.delete(evenly(20), 7, axis=0), stored, spacing=(2, 2))
    write_series(tmp_path / "study" / "localizer", evenly(2, (0, 0, 40)), series="1.2.4", number=2)
    monkeypatch.setattr(pipeline, "run_model", lambda image, *_: Found(
        Image(np.ones(image.array.shape, np.uint8), image.affine), {Side.RIGHT: 1.0}))
    answer = pipeline.segment_file(str(tmp_path / "study"), str(tmp_path / "labels.nrrd"),
                                   model=str(random_package.folder), device="cpu")
    texts = [notice["text"] for notice in answer["notices"]]
    assert "it is the only usable one of 2" in texts[0]
    assert texts[1] == "Slice 8 of 20 is missing; it was interpolated from its neighbours."
    assert load_image(answer["labels"]).array.shape == (20, 24, 22)


def test_result_holds_what_a_record_needs(random_package, scan_file, tmp_path, monkeypatch):
    labels = np.zeros((20, 24, 22), np.uint8)
    labels[5:15, 5:15, 5:15] = 1
    monkeypatch.setattr(pipeline, "run_model", lambda image, *_: Found(Image(labels, image.affine), {Side.RIGHT: 1.0}))
    seen = []
    answer = pipeline.segment_file(str(scan_file), str(tmp_path / "labels.nrrd"), model=str(random_package.folder),
                                   device="cpu", progress=lambda fraction, message="": seen.append(fraction))
    written, scan = load_image(answer["labels"]), load_image(scan_file)
    assert written.grid.same_as(scan.grid) and np.array_equal(written.array, labels)
    assert answer["model"]["sha256"] == random_package.sha256 and answer["device"]["name"] == "cpu"
    assert answer["model"]["rules"] == RULES_VERSION
    assert [row["interpolated_ml"] for row in answer["measurements"]] == [0.0] * len(answer["measurements"])
    assert answer["measurements"][0]["volume_ml"] == pytest.approx(12.0)
    assert answer["measurements"][0]["mean_intensity"] == pytest.approx(scan.array[5:15, 5:15, 5:15].mean(), rel=1e-5)
    assert seen == sorted(seen) and seen[0] == 0
    assert any("left eye was not found" in notice["text"] for notice in answer["notices"])


def test_a_graphics_card_that_gets_full_leaves_the_scan_to_the_processor_and_the_record_says_so(
        random_package, scan_file, tmp_path, monkeypatch):
    def run(image: Image, _package: object, place: str, *_: object) -> Found:
        if place == "cuda":
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        return Found(Image(np.ones(image.array.shape, np.uint8), image.affine), {Side.RIGHT: 1.0})

    monkeypatch.setattr(pipeline, "run_model", run)
    monkeypatch.setattr(torch.version, "cuda", "12.8")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (4 * 2**30, 8 * 2**30))
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "Example 4000")
    ones = torch.ones
    monkeypatch.setattr(torch, "ones", lambda *shape, **_device: ones(*shape))
    answer = pipeline.segment_file(str(scan_file), str(tmp_path / "labels.nii.gz"), model=str(random_package.folder))
    assert answer["device"]["name"] == "cpu" and "memory of the graphics card" in answer["device"]["reason"]
    assert load_image(tmp_path / "labels.nii.gz").array.all()


def test_an_eye_with_silicone_oil_is_told_instead_of_measured(random_package, toy_head, monkeypatch):
    scan, labels = toy_head
    right = labels.array == label_value("eyeball", "right")
    oily = scan.with_array(np.where(right, np.int16(115), scan.array))
    monkeypatch.setattr(intensity, "looks_like_ct", lambda _image: True)
    monkeypatch.setattr(pipeline, "run_model", lambda image, *_: Found(
        reorient_to_ras(labels), {Side.RIGHT: 1.0, Side.LEFT: 1.0}))
    result = pipeline.segment_image(oily, random_package)
    rows = {row["label"]: row for row in result.measurements}
    eye, other = (rows[label_value("eyeball", side)] for side in ("right", "left"))
    assert (eye["volume_ml"], eye["mean_intensity"], eye["not_measured"]) == (None, None, "oil?")
    assert other["volume_ml"] > 4.0 and "not_measured" not in other
    texts = [notice["text"] for notice in result.notices]
    told = [text for text in texts if text.startswith(("Right eyeball", "The right eye", "The eyeball"))]
    assert len(told) == 1 and "silicone oil" in told[0], "neither its volume nor its density is judged besides"


def test_an_artificial_lens_is_told_and_its_outline_is_no_longer_a_natural_one(random_package, toy_head, monkeypatch):
    image, labels = (reorient_to_ras(each) for each in toy_head)
    right, left = label_value("lens", "right"), label_value("lens", "left")
    front = np.argwhere(labels.array == label_value("eyeball", "right"))
    front = front[front[:, 1] > front[:, 1].mean() + 2].T
    labels.array[tuple(front)] = right
    thin = (labels.array == right) & (np.indices(labels.array.shape)[1] == front[1].min())
    monkeypatch.setattr(pipeline, "artificial_lenses", lambda scan, found: {
        Side.RIGHT: ArtificialLens(Side.RIGHT, 1.0, thin)})
    monkeypatch.setattr(pipeline, "run_model", lambda image, *_: Found(labels, {Side.RIGHT: 1.0, Side.LEFT: 1.0}, {
        right: "right lens", left: "left lens"}))
    result = pipeline.segment_image(image, random_package)
    rows = {(row["structure"], row["side"]): row for row in result.measurements}
    assert rows["lens", "right"]["not_measured"] == "artificial lens?"
    assert rows["lens", "right"]["volume_ml"] is None and "not_measured" not in rows["eyeball", "right"]
    assert np.array_equal(result.labels.array == right, thin) and thin.any()
    told = [notice for notice in result.notices if "artificial lens" in notice["text"]]
    assert [notice["level"] for notice in told] == ["info"]
    assert not any("right lens" in notice["text"] for notice in result.notices)


def test_what_a_paper_network_misses_is_expected(monkeypatch):
    from OrbitSegmentationLib import run_model
    from OrbitSegmentationLib.any_contrast import find_orbits
    from OrbitSegmentationLib.paper_networks import model, registry

    profile = SEQ_UNET_IMPROVED
    image = Image(np.zeros((4, 4, 4), np.uint8), np.eye(4))
    orbit = SimpleNamespace(frame=SimpleNamespace(side=Side.LEFT, center=np.zeros(3)), seen=1.0)
    blind = SimpleNamespace(profile=profile, segment=lambda image, centers, progress: image)
    monkeypatch.setattr(run_model, "is_paper_model", lambda package: True)
    monkeypatch.setattr(registry, "load", lambda *_: SimpleNamespace(locator=None, orbit=torch.nn.Identity()))
    monkeypatch.setattr(find_orbits, "find_orbits", lambda *_: [orbit])
    monkeypatch.setattr(model.PaperModel, "open", lambda *_: blind)
    expected = run_model.run_model(image, None, "cpu", True).expected
    assert {structure_of(value).key for value in expected} >= {"optic_nerve", "eyeball", *RECTI}
    assert not set(expected) & {label_value("eyeball", "right"), label_value("superior_oblique", "left")}
    (notice,) = missing_notices([], expected)
    assert "Left medial rectus muscle" in notice["text"]


def test_measurements_name_side_volume_and_grey_value():
    labels = np.zeros((6, 6, 6), np.uint8)
    labels[:2, :2, :2], labels[4:, 4:, 4:] = 9, 10
    grey = np.arange(216, dtype=np.int16).reshape(6, 6, 6)
    affine = np.diag([0.5, 0.5, 4.0, 1.0])
    right, left = measure_labels(Image(labels, affine), Image(grey, affine))
    assert (right["side"], left["side"]) == ("right", "left")
    assert right["structure"] == left["structure"] == "medial_rectus"
    assert right["volume_ml"] == pytest.approx(8 * 1.0 / 1000)
    assert left["mean_intensity"] == pytest.approx(grey[4:, 4:, 4:].mean())
    assert left["sd_intensity"] == pytest.approx(grey[4:, 4:, 4:].std())


def test_an_eyeball_is_measured_with_its_lens():
    labels = np.zeros((8, 8, 8), np.uint8)
    labels[1:7, 1:7, 1:7] = 2
    labels[3:5, 5, 3:5] = 20
    eyeball, lens = measure_labels(Image(labels, np.eye(4)), Image(labels.astype(float), np.eye(4)))
    assert (eyeball["name"], eyeball["voxels"], lens["voxels"]) == ("Left eyeball", 216, 4)
    assert eyeball["mean_intensity"] == pytest.approx((212 * 2 + 4 * 20) / 216)


def test_notices_say_which_orbit_is_missing_or_cut():
    texts = [notice["text"] for notice in coverage_notices({Side.LEFT: 0.7})]
    assert len(texts) == 2 and "right eye was not found" in texts[0] and "whole left orbit" in texts[1]
    assert coverage_notices({Side.RIGHT: 1.0, Side.LEFT: 0.99}) == []


def test_notices_point_at_implausible_and_missing_structures():
    rows = [{"label": 1, "structure": "eyeball", "name": "Right eyeball", "volume_ml": 60.0},
            {"label": 9, "structure": "medial_rectus", "name": "Right medial rectus muscle", "volume_ml": 1.4}]
    implausible = volume_notices(rows)
    assert len(implausible) == 1 and "Right eyeball" in implausible[0]["text"]
    missing = missing_notices(rows, {1: "Right eyeball", 3: "Right optic nerve", 5: "Right superior rectus"})
    assert len(missing) == 1 and "Right optic nerve, Right superior rectus" in missing[0]["text"]
    assert missing_notices(rows, {1: "Right eyeball"}) == []


def test_the_default_model_shows_every_structure_of_the_orbit():
    shown = find_package(DEFAULT_MODEL).facts.settings["label_of_class"]
    assert shown == list(LABEL_OF_CLASS)
    assert {structure_of(value).key for value in shown if value} == {
        structure.key for structure in STRUCTURES} - {"bony_orbit", "optic_chiasm"}
    assert find_package(DEFAULT_MODEL).facts.network_arguments["chiasm_widths"], "a network of its own finds the chiasm"


def test_structure_where_the_image_was_removed_is_told_from_one_that_is_seen():
    labels = np.zeros((4, 6, 8), np.uint8)
    labels[:, :, :4], labels[:, :, 4:] = 1, 2
    scan = np.full(labels.shape, 300, np.int16)
    scan[:, :, :3] = 0
    rows = measure_labels(Image(labels, np.eye(4)), Image(scan, np.eye(4)))
    assert [row["empty_image"] for row in rows] == [True, False]
