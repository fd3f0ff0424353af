"""The reproduction of the orbit papers: fair tables, honest scales, and nothing is done twice."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from NeuroOrbitLib.anatomy.structures import Side, label_value
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs.progress import Cancelled, silent
from NeuroOrbitLib.phantom.scanner.rendering import Pose
from NeuroOrbitLib.problem import Problem
from OrbitSegmentationLib.paper_networks.registry import find
from OrbitSegmentationLib.paper_networks.training.config import load_config
from OrbitSegmentationLib.pipeline import OrbitResult
from Testing.Experiments.reproduction import orbit, orbit_report, orbit_runs
from Testing.Experiments.reproduction.orbit_plan import SCALES, STUDIES, SV_NET, Scale, Study, choose_scale
from Testing.Experiments.reproduction.time_limit import until

TINY = Scale("tiny", "for this test", subjects=2, splits=2, folds=1, protocol="toy", changes={"sv_net": {
    "profile_changes": {"shape": (16, 16, 16), "spacing": (4.0, 4.0, 4.0), "window": (16, 16, 16)},
    "network_options": {"widths": (4, 4)}, "epochs": 1, "batch_size": 2, "validation_fraction": 0.0}})
STUDY = replace(SV_NET, entries=SV_NET.entries[:1])


def toy_scan(seed: int) -> tuple[Image, Image]:
    """(CT, label map): two globes with a block for each structure behind them."""
    shape, affine = (28, 40, 66), np.diag([2.0, 2.0, 2.0, 1.0])
    affine[:3, 3] = [-66, -50, -28]
    labels = Image(np.zeros(shape, np.uint8), affine)
    k, j, i = np.indices(shape)
    points = labels.grid.ras_from_ijk(np.stack([i, j, k], axis=-1))
    places = {"eyeball": (0, 0, 0), "superior_rectus": (-4, -18, 12), "inferior_rectus": (-4, -18, -10),
              "medial_rectus": (-15, -18, 0), "lateral_rectus": (8, -18, 0), "optic_nerve": (-5, -22, 2)}
    for side in Side:
        for key, place in places.items():
            middle = np.array([31.0 * side.x_sign, 0, 0]) + np.array(place) * [side.x_sign, 1, 1]
            half = 12 if key == "eyeball" else 4
            labels.array[np.linalg.norm(points - middle, axis=-1) < half] = label_value(key, side)
    hounsfield = np.where(labels.array > 0, 45, -95) + np.random.default_rng(seed).normal(0, 5, shape)
    return Image(hounsfield.astype(np.int16), affine), labels


@pytest.fixture
def toy_patients(monkeypatch):
    """Patients are toy heads; returns the seeds that were asked for."""
    from types import SimpleNamespace

    asked = []

    def make(seed, protocols):
        asked.append(seed)
        image, labels = toy_scan(seed)
        scan = SimpleNamespace(image=image, labels=labels, protocol=SimpleNamespace(modality="CT"))
        return SimpleNamespace(scans={protocols[0]: scan}, truth={"sex": "F", "severity": 0.0, "activity": 0.0},
                               head=None, pose=Pose.neutral())

    monkeypatch.setattr(orbit_runs, "make_patient", make)
    monkeypatch.setattr("NeuroOrbitLib.phantom.patients.cohort.true_measures", lambda head: {})
    return asked


@pytest.fixture
def perfect_default_model(monkeypatch):
    """The default model knows the labels of every toy head; returns how many scans it has seen."""
    seen = []

    def segment(image, package, device):
        seen.append(image)
        return OrbitResult(toy_scan(0)[1], [], [])

    monkeypatch.setattr(orbit_runs, "segment_image", segment)
    return seen


def test_a_study_is_run_once_and_gives_the_same_test_cases_to_every_row(tmp_path, toy_patients, perfect_default_model):
    folder = tmp_path / STUDY.key
    orbit_runs.run_study(STUDY, TINY, folder, "cpu", silent)
    rows = orbit_report.read_rows(STUDY, tmp_path)
    assert [row.title for row in rows] == ["SV-Net, few windows", "SV-Net, same weights, a window at every slice",
                                           orbit_runs.DEFAULT_MODEL_TITLE]
    results = [json.loads(path.read_text()) for path in (folder / "results").iterdir()]
    assert len({tuple(result["cases"]) for result in results}) == 1
    assert set(rows[0].values) == set(STUDY.published["SV-Net in the paper, patients"]) - {"mean"}
    assert rows[-1].means == [1.0]
    assert rows[0].facts["training_scans"] == 1 and rows[0].facts["steps"] == 1
    orbit_runs.run_study(STUDY, TINY, folder, "cpu", silent)
    assert len(toy_patients) == 2 and len(perfect_default_model) == 1


def test_a_scan_in_which_the_default_model_finds_no_eye_counts_as_nothing_found(tmp_path, toy_patients, monkeypatch):
    def refuse(image, package, device):
        raise Problem("There is no eye. Choose another scan.")

    monkeypatch.setattr(orbit_runs, "segment_image", refuse)
    orbit_runs.run_study(replace(STUDY, entries=()), TINY, tmp_path / STUDY.key, "cpu", silent)
    (row,) = orbit_report.read_rows(STUDY, tmp_path)
    assert row.means == [0.0]


def test_when_the_time_is_up_the_next_run_goes_on(tmp_path, toy_patients):
    def interrupt(fraction, message=""):
        if len(toy_patients) == 1:
            raise Cancelled

    with pytest.raises(Cancelled):
        orbit_runs.make_cohort(STUDY, TINY, tmp_path, interrupt)
    cases = orbit_runs.make_cohort(STUDY, TINY, tmp_path, silent)
    assert len(cases) == 2 and len(set(toy_patients)) == len(toy_patients) == 2
    with pytest.raises(Cancelled):
        until(0.0, silent, started=0.0)(0.5)


def results(folder, study: Study, title: str, values: list[float]) -> None:
    names = next(iter(study.published.values()))
    cases = {f"case-{n}": {name: {"dice": value, "iou": value - 0.1} for name in names if name != "mean"}
             for n, value in enumerate(values)}
    orbit_runs.write_result(folder / study.key, title, 1, {"processor_s_per_scan": 1.0, "weights": 2_000_000}, cases)


def test_the_table_shows_the_papers_numbers_as_patients_and_ours_as_synthetic(tmp_path):
    for study in STUDIES:
        results(tmp_path, study, "A network", [0.6, 0.8])
    text = orbit_report.markdown(SCALES["small"], tmp_path)
    ours = [line for line in text.splitlines() if line.startswith("| A network")]
    assert all("(synthetic)" in line for line in ours)
    assert "0.600 ± 0.141" in ours[0]  # IoU
    assert "0.700 ± 0.141" in ours[1]  # Dice
    assert "2.00 M" in ours[0]
    perfect = {name: {"dice": 1.0, "iou": 1.0} for name in next(iter(STUDIES[0].published.values())) if name != "mean"}
    facts = {"processor_s_per_scan": 1.0, "model": {"version": "1.2.3"}}
    orbit_runs.write_result(tmp_path / STUDIES[0].key, "Default model", 1, facts, {"case": perfect})
    assert "| Default model 1.2.3 (synthetic) | 1 |" in orbit_report.markdown(SCALES["small"], tmp_path)
    for row in (row for study in STUDIES for row in study.published.values()):
        assert all(f" {number:.3f} |" in text for number in row.values())
    assert "synthetic" in text and SCALES["small"].statement in " ".join(text.split())
    assert max(len(line) for line in text.splitlines() if not line.startswith("|")) <= 120
    orbit_report.draw(tmp_path, tmp_path / "pictures")
    for study in STUDIES:
        picture = tmp_path / "pictures" / orbit_report.picture_name(study)
        assert picture.stat().st_size > 10_000 and f"({picture.name})" in text


def test_rows_stand_in_the_order_of_the_plan_whichever_was_made_first(tmp_path):
    planned = [title for entry in SV_NET.entries for title in entry.titles]
    for title in (orbit_runs.DEFAULT_MODEL_TITLE, *planned[::-1]):
        results(tmp_path, SV_NET, title, [0.6, 0.8])
    found = [row.title for row in orbit_report.read_rows(SV_NET, tmp_path)]
    assert found == [*planned, orbit_runs.DEFAULT_MODEL_TITLE]


def test_only_the_own_section_of_a_document_is_replaced(tmp_path):
    document = tmp_path / "results" / "orbit.md"
    orbit_report.replace_section(document, "## Reproduction\n\nfirst")
    assert document.read_text(encoding="utf-8") == "# Results: the orbit\n\n## Reproduction\n\nfirst\n"
    document.write_text("# Results\n\n## Model\n\nkept\n\n## Reproduction\n\nfirst\n\n### A\n\nold\n\n## Data\n\n"
                        "kept too\n")
    orbit_report.replace_section(document, "## Reproduction\n\nsecond")
    assert document.read_text(encoding="utf-8") == (
        "# Results\n\n## Model\n\nkept\n\n## Reproduction\n\nsecond\n\n## Data\n\nkept too\n")


def test_the_full_scale_is_the_papers_and_every_scale_is_a_valid_plan():
    full = SCALES["full"]
    assert [(study.subjects, study.folds) for study in STUDIES] == [(97, 10), (46, 4)]
    for study in STUDIES:
        for entry in study.entries:
            assert full.config(entry.config) == load_config(entry.config)
            for scale in SCALES.values():
                config = scale.config(entry.config)
                options = {"out_channels": config.resolved_profile().channels, **config.network_options}
                assert orbit_runs.weight_count(find(config.resolved_profile().network).build(**options)) > 100
    assert choose_scale("auto", "cuda") is full and choose_scale("auto", "cpu") is SCALES["small"]
    with pytest.raises(Problem, match="small"):
        choose_scale("huge", "cpu")


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_quick_mode_goes_from_nothing_to_the_table(tmp_path, capsys):
    assert orbit.main(["--scale", "quick", "--device", "cpu", "--output", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    for title in ("SV-Net, few windows", "SU-Net", "V-Net", "SEQ-UNET, published profile",
                  "SEQ-UNET, improved profile"):
        assert f"| {title} (synthetic) | 2 |" in printed
    data = json.loads((tmp_path / "quick" / "reproduction.json").read_text())
    assert len(data["studies"]["sv-net"]["rows"]) == 5 and len(data["studies"]["seq-unet"]["rows"]) == 3
