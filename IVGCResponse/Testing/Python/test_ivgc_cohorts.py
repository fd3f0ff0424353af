"""Cohorts, synthetic and one's own: made once, gone on with, checked row by row, judged inside the folds."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from IVGCResponseLib.__main__ import COMMANDS, main
from IVGCResponseLib.cohort_table import READER, import_cohort
from IVGCResponseLib.estimators import INPUTS, RADIOMICS, estimator_of, muscle_measures
from IVGCResponseLib.inventory import CLASS_NAMES
from IVGCResponseLib.muscle_groups import PAIRS, STRATEGIES, values_of
from IVGCResponseLib.study import STUDY
from IVGCResponseLib.synthetic.cohort import make_case, make_cohort
from IVGCResponseLib.synthetic.plan import ResponseCohortPlan, plan_patients
from IVGCResponseLib.synthetic.scans import make_scan
from IVGCResponseLib.task import CONFIGS, TASK, baselines
from NeuroOrbitLib.classifiers import region_study
from NeuroOrbitLib.classifiers.cohort import Cohort, CohortCase, arrays_path, read_cohort, write_cohort
from NeuroOrbitLib.classifiers.column_file import COLUMNS
from NeuroOrbitLib.classifiers.crossvalidation import Plan
from NeuroOrbitLib.classifiers.judging import judge_by_split
from NeuroOrbitLib.classifiers.leak_check import looks_at_held_out_cases
from NeuroOrbitLib.classifiers.nested import NestedChoice
from NeuroOrbitLib.classifiers.sources import SELECTION, number_input
from NeuroOrbitLib.classifiers.tabular import TabularEstimator
from NeuroOrbitLib.classifiers.training_config import load_classifier_config
from NeuroOrbitLib.evaluation.classification.predictions import read_predictions
from NeuroOrbitLib.files.safe import write_json, write_rows
from NeuroOrbitLib.imaging.files import save_image
from NeuroOrbitLib.imaging.geometry import grid_around, reorient_to_ras
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.models import ModelPackage
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.radiomics.columns import region_features

from .conftest import PIXEL, PLAN


def test_the_cohort_holds_volumes_numbers_and_ceilings(cohort, patients):
    assert cohort.is_synthetic and len(cohort) == 5 and int(cohort.labels.sum()) == 2
    assert cohort.arrays("image").shape == (5, 32, 128, 128)
    assert cohort.numbers(["trab"])[0, 0] == pytest.approx(patients[0].clinical["trab"], nan_ok=True)
    assert 0.82 < cohort.facts["ceiling_auc"] < 0.88 and cohort.facts["leaders"]["P0001"] in patients[0].leader
    repeats = [name for name in cohort.columns if name.startswith("MR:mean")]
    assert repeats == ["MR:mean", "MR:mean@1", "MR:mean@2"]
    tested = [place for place, name in enumerate(cohort.names) if name in cohort.facts["test_cases"]]
    assert np.isnan(cohort.numbers(["MR:mean@1"], tested)).all()  # held-out patients are measured once


def test_a_lost_case_is_made_again_and_another_plan_is_refused(cohort, monkeypatch):
    made = []
    monkeypatch.setattr("IVGCResponseLib.synthetic.cohort.make_scan",
                        lambda patient, pixel, **_: made.append(patient.name) or make_scan(patient, pixel))
    before = cohort.array("image", 1)
    arrays_path(cohort.folder, "P0002").unlink()
    again = make_cohort(cohort.folder, PLAN, STUDY.settings(profile="test"), pixel=PIXEL)
    assert made == ["P0002"] and np.array_equal(again.array("image", 1), before)
    with pytest.raises(Problem, match="other cases or settings"):
        make_cohort(cohort.folder, PLAN, STUDY.settings(profile="none"), pixel=PIXEL)


def test_a_cohort_is_drawn_in_real_heads_of_ones_own(tmp_path, capsys):
    """Two label maps surround the orbits of one patient after the other; the muscles are those that were drawn."""
    (tmp_path / "maps").mkdir()
    for number, distance in enumerate((56.0, 68.0)):
        grid = grid_around(np.array([0.0, -15.0, 5.0]), (150.0, 110.0, 90.0), 2.0)
        kji = np.stack(np.meshgrid(*[np.arange(count) for count in grid.shape], indexing="ij"), axis=-1)
        points, values = grid.ras_from_ijk(kji[..., ::-1]), np.full(grid.shape, 512, np.int16)
        for x in (distance / 2, -distance / 2):
            values[np.linalg.norm(points - [x, 0.0, 0.0], axis=-1) < 12.0] = 506
        save_image(Image(values, grid.affine), tmp_path / "maps" / f"{number}.nii.gz")
    command = ["cohort", "--patients", "4", "--seed", "3", "--pixel", "2.0", "--profile", "none", "--label-maps"]
    assert main([*command, str(tmp_path / "maps"), "-o", str(tmp_path / "made")]) == 0
    made = read_cohort(tmp_path / "made")
    assert made.facts["heads"] == ["0.nii.gz", "1.nii.gz"] and made.facts["ceiling_auc"] > 0.8
    patients = plan_patients(ResponseCohortPlan(4, 3))
    assert made.facts["leaders"] == {patient.name: patient.leader for patient in patients}
    apart = []
    for place in range(4):
        labels = made.array("labels", place)
        right, left = (np.argwhere(labels == value)[:, 2].mean() for value in (1, 2))
        apart.append(left - right)
    assert abs(apart[0] - apart[2]) < 4 and abs(apart[0] - apart[1]) > 4  # voxels; the heads take turns
    assert main([*command, str(tmp_path / "made"), "-o", str(tmp_path / "other")]) == 1
    assert "no label maps" in capsys.readouterr().err and not (tmp_path / "other").exists()


def test_every_shipped_configuration_describes_something_that_can_be_fitted():
    names = sorted(path.stem for path in CONFIGS.glob("*.json"))
    assert len(names) == 12
    for name in names:
        estimator = estimator_of(load_classifier_config(name, CONFIGS))
        json.dumps(estimator.settings())
    published = load_classifier_config("rdinet_clinical", CONFIGS).schedule
    assert (published.epochs, published.batch_size, published.learning_rate) == (100, 16, 1e-3)


def test_radiomics_compares_six_groups_by_three_learners_inside_the_training():
    nested = estimator_of(load_classifier_config("radiomics", CONFIGS))
    assert isinstance(nested, NestedChoice) and len(nested.candidates) == len(STRATEGIES) * 3 == 18
    candidate = INPUTS[RADIOMICS].candidates("radiomics", {"muscles": ["MR"]}, ("svm",))[0]
    names = [name for name, _ in candidate.pipeline(0, ("MR:a", "MR:a@1")).steps]
    assert names == ["reproducibility", "fill", "scale", "difference", "lasso", "learn"]


def test_the_best_pair_of_muscles_is_chosen_inside_the_training():
    nested = estimator_of(load_classifier_config("radiomics_pairs", CONFIGS))
    assert {candidate.name.split()[0] for candidate in nested.candidates} == set(PAIRS) and len(PAIRS) == 6
    assert not set(PAIRS) - set(STUDY.settings(more_groups=PAIRS).groups)


def test_what_a_configuration_cannot_mean_is_refused():
    with pytest.raises(Problem, match="no group of structures 'SO'"):
        number_input("radiomics", {"muscles": "SO"}, INPUTS)
    with pytest.raises(Problem, match="Use radiomics"):
        number_input("genes", {}, INPUTS)
    config = load_classifier_config("rdinet_compact", CONFIGS)
    with pytest.raises(Problem, match="takes radiomics and clinical, not an image alone"):
        estimator_of(config).build(config, {})


def numbers_alone(folder, seed: int = 0, count: int = 80) -> Cohort:
    """A cohort of numbers: two groups of muscles, of which MR tells the class."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(count) % 2)
    rows = []
    for place, label in enumerate(labels):
        numbers = {f"{group}:f{number}": rng.normal() for group in STRATEGIES for number in range(8)}
        numbers["MR:f0"] += 2.0 * label
        rows.append(CohortCase(f"c{place}", f"p{place}", int(label), numbers))
    return Cohort(folder, tuple(rows), {})


def test_the_choice_of_muscles_and_learner_sees_the_training_alone(tmp_path):
    cohort = numbers_alone(tmp_path)
    candidates = INPUTS[RADIOMICS].candidates(
        "radiomics", {"muscles": ["SR", "MR"], "selection": {**SELECTION, "lasso": {"folds": 2}}}, ("logistic",))
    choice = NestedChoice("radiomics", candidates, folds=2)
    found = choice.fit(cohort, range(50), tmp_path / "fit")
    assert found.chosen == "MR logistic" and "MR:f0" in found.record()["selected"]
    assert not looks_at_held_out_cases(choice, cohort, range(50), tmp_path / "check")


def test_baselines_are_the_signal_ratio_and_the_clinical_features(cohort):
    assert [each.name for each in baselines(cohort)] == ["signal_ratio logistic", "clinical logistic"]
    without = Cohort(cohort.folder, tuple(CohortCase(case.case, case.patient, case.label, {"age": 40.0})
                                          for case in cohort.cases), {})
    assert [each.name for each in baselines(without)] == ["clinical logistic"]


def test_classes_are_named_explicitly():
    assert CLASS_NAMES == ("non_responder", "responder") and TASK.positive == 1
    assert [TASK.label_of(word) for word in ("Responder", "non-responder", "response", "no", "maybe")] == [
        1, 0, 1, 0, None]


@pytest.fixture
def table(tmp_path, scan):
    """A table of four patients with scans and segmentations; returns a function that writes it with changed cells."""
    for number, name in enumerate(("one", "two", "three", "four")):
        noise = np.random.default_rng(number).integers(0, 3, scan.image.array.shape)
        save_image(scan.image.with_array((scan.image.array + noise).astype(np.int16)), tmp_path / f"{name}.nii.gz")
        save_image(scan.labels, tmp_path / f"{name}_labels.nii.gz")
    rows = {name: {"patient": name, "image": f"{name}.nii.gz", "labels": f"{name}_labels.nii.gz", "age": "45",
                   "response": "responder" if name in ("one", "two") else "non-responder", "TRAb (IU/L)": "8,5"}
            for name in ("one", "two", "three", "four")}

    def write(changes=None, rename=None):
        changed = {name: {**row, **(changes or {}).get(name, {})} for name, row in rows.items()}
        header = [(rename or {}).get(name, name) for name in rows["one"]]
        write_rows(tmp_path / "cohort.csv", header, [list(row.values()) for row in changed.values()])
        return tmp_path / "cohort.csv"

    return write


def test_a_table_of_ones_own_becomes_a_cohort(table, tmp_path):
    made, problems, _notices = import_cohort(table(), tmp_path / "made", STUDY.settings(profile="none"))
    assert problems == [] and made.labels.tolist() == [1, 1, 0, 0]
    read = read_cohort(tmp_path / "made")
    assert read.numbers(["age", "trab"])[0].tolist() == [45.0, 8.5] and np.isnan(read.numbers(["cas"])).all()
    assert read.array("image", 0).shape == (32, 128, 128) and not read.is_synthetic


def test_clinical_features_of_ones_own_are_taken_by_every_command(table, tmp_path, capsys):
    """A schema with age and FT3 in place of the sixteen features: imported, described, judged, and asked about."""
    own = [{"name": "age", "title": "Age", "unit": "years", "low": 18, "high": 90},
           {"name": "ft3", "title": "Free T3", "unit": "pmol/L", "units": {"pg/mL": 1.536}, "low": 1, "high": 50}]
    schema = tmp_path / "own.json"
    schema.write_text(json.dumps(own), encoding="utf-8")
    path = table({name: {"TRAb (IU/L)": value} for name, value in
                  (("one", "20"), ("two", "22"), ("three", "5 pg/mL"), ("four", "6"))}, {"TRAb (IU/L)": "FT3"})
    made = str(tmp_path / "made")
    with_schema = ["--schema", str(schema)]
    assert main(["cohort", "--table", str(path), "-o", made, "--profile", "none", *with_schema]) == 0
    assert read_cohort(made).numbers(["ft3"])[:, 0].tolist() == [20.0, 22.0, 7.68, 6.0]
    assert "cas" not in read_cohort(made).columns
    assert main(["describe", "--cohort", made, "-o", str(tmp_path / "t"), *with_schema]) == 0
    assert "Free T3 (pmol/L)" in (tmp_path / "t" / "table_one.csv").read_text(encoding="utf-8")
    judge = ["crossvalidate", "--cohort", made, "--config", "clinical", "--set", "folds=2", "-o", str(tmp_path / "cv")]
    assert main([*judge, *with_schema]) == 0
    found = json.loads((tmp_path / "cv" / "evaluation.json").read_text(encoding="utf-8"))
    assert found["selection"]["features"] == {"age": 1.0, "ft3": 1.0} and found["selection"]["overlap"] == 1.0
    assert "2 trainings selected 2.0 features each" in capsys.readouterr().out
    page = (tmp_path / "cv" / "report.html").read_text(encoding="utf-8")
    assert "Stability of the selection" in page and "ft3" in page
    assert main(["classify", str(path), "--model", "ivgc-radiomics", "--clinical", "cas=4", *with_schema]) == 1
    assert "names are age, ft3" in capsys.readouterr().err
    assert [column.name for column in TASK.columns][:2] == ["age", "sex"], "the schema outlived its command"


def test_a_cohort_keeps_the_meaning_of_features_of_ones_own(table, tmp_path, capsys):
    """Trained without the list, a package took mIU/L for IU/L; judged by a model for IU/L, nothing was said."""
    schema, other = tmp_path / "own.json", tmp_path / "other.json"
    age = {"name": "age", "title": "Age", "unit": "years"}
    schema.write_text(json.dumps([age, {"name": "trab", "title": "TRAb", "unit": "mIU/L"}]), encoding="utf-8")
    other.write_text(json.dumps([age, {"name": "trab", "title": "TRAb", "unit": "IU/L"}]), encoding="utf-8")
    path = table({name: {"TRAb (IU/L)": str(8000 + 100 * number)} for number, name in
                  enumerate(("one", "two", "three", "four"))}, {"TRAb (IU/L)": "trab"})
    made, config = str(tmp_path / "made"), tmp_path / "config.json"
    assert main(["cohort", "--table", str(path), "-o", made, "--profile", "none", "--schema", str(schema)]) == 0
    write_json(config, {"name": "own", "title": "Own", "network": "clinical", "schedule": None, "folds": 2})
    train = ["train", "--cohort", made, "--config", str(config), "-o", str(tmp_path / "own")]
    assert main([*train, "--schema", str(other)]) == 1
    assert "prepared with another list of features: trab have other units" in capsys.readouterr().err
    assert main(train) == 0
    kept = ModelPackage.open(tmp_path / "own").document(COLUMNS)
    assert [column.get("unit") for column in kept] == ["years", "mIU/L"]
    evaluate = ["evaluate", "--cohort", made, "-o", str(tmp_path / "judged"), "--model"]
    assert main([*evaluate, str(tmp_path / "own")]) == 0
    unlike = read_cohort(made)
    write_cohort(unlike.folder, unlike.cases, {**unlike.facts, COLUMNS: json.loads(other.read_text())})
    assert main([*evaluate, str(tmp_path / "own")]) == 1
    assert "trab are in other units or words than those that the model own has learned" in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_offers_the_schema(command, capsys):
    with pytest.raises(SystemExit):
        main([command, "--help"])
    assert "--schema" in capsys.readouterr().out


@pytest.mark.parametrize(("changes", "message"), [
    ({"one": {"age": "5"}}, "line 2: The patient is younger than 18 years; no child was in the study"),
    ({"one": {"age": "130"}}, "line 2: Age is 130, which no patient has"),
    ({"one": {"response": "better"}}, "line 2: the response is 'better'; write responder or non-responder"),
    ({"two": {"image": "one.nii.gz"}}, r"line 3: the image one\.nii\.gz is used twice"),
    ({"three": {"patient": ""}}, "line 4: the patient is empty"),
    ({"four": {"image": "absent.nii.gz"}}, r"line 5: the image absent\.nii\.gz does not exist"),
    ({"two": {"patient": "one"}}, "line 3: there are two cases named one"),
])  # fmt: skip
def test_a_wrong_row_is_left_out_with_the_reason(table, changes, message):
    rows, problems, _notices = READER.read(table(changes))
    assert len(rows) == 3 and len(problems) == 1
    assert re.match(message, problems[0])


def test_a_column_that_is_not_used_is_named(table):
    """A heading that is spelled otherwise: the feature would be missing in every patient, and nobody would know."""
    rows, problems, notices = READER.read(table(rename={"TRAb (IU/L)": "TRAK"}))
    assert len(rows) == 4 and not problems and notices == ["not used of the table: trak"]


def test_tables_that_cannot_be_used_are_refused(table):
    with pytest.raises(Problem, match=r"(?i)states the unit mIU/L"):
        READER.read(table(rename={"TRAb (IU/L)": "trab (mIU/L)"}))
    with pytest.raises(Problem, match="usable scans of responders and of non-responders"):
        READER.read(table({"one": {"response": "no"}, "two": {"response": "no"}}))
    with pytest.raises(Problem, match="response"):
        READER.read(table(rename={"response": "outcome"}))


def test_a_scan_that_shows_nothing_usable_is_said_beside_the_others(table, tmp_path, scan):
    path = table()
    save_image(scan.labels.with_array(np.where(np.isin(scan.labels.array, (9, 10)), 0, scan.labels.array)),
               tmp_path / "four_labels.nii.gz")
    made, problems, _notices = import_cohort(path, tmp_path / "made", STUDY.settings(profile="none"))
    assert len(made) == 3 and "four: The segmentation lacks the right medial rectus muscle" in problems[0]


def test_voxels_that_are_no_numbers_are_repaired_as_for_a_patient_and_labels_are_no_scan(table, tmp_path, scan):
    """One NaN near the muscles made the whole volume NaN, and every network that learned from it."""
    path, grey = table(), scan.image.array.astype(np.float32)
    k, j, i = np.argwhere(scan.labels.array == 9)[0]
    grey[k, j - 6:j - 3, i] = np.nan
    save_image(scan.image.with_array(grey), tmp_path / "one.nii.gz")
    save_image(scan.labels, tmp_path / "three.nii.gz")
    made, problems, notices = import_cohort(path, tmp_path / "made", STUDY.settings(profile="none"))
    assert next(line for line in notices if "not numbers (NaN" in line).startswith("one: ")
    assert made.names == ["one", "two", "four"] and np.isfinite(made.arrays("image")).all()
    assert np.allclose(made.numbers(["ratio 4_recti"])[0], made.numbers(["ratio 4_recti"])[1], rtol=0.01)
    assert len(problems) == 1 and "it holds labels, not a scan" in problems[0]


def test_patients_whose_disease_is_inactive_are_to_be_checked(table, tmp_path):
    """They were learned from silently, although nothing is estimated for such a patient."""
    column, told = "TRAb (IU/L)", "The clinical activity score is below 3"

    def doubted(**scores):
        path = table({name: {column: score} for name, score in scores.items()}, {column: "cas"})
        made, problems, notices = import_cohort(path, tmp_path / "made", STUDY.settings(profile="none"))
        assert len(made) == 4 and not problems
        return [line.partition(":")[0] for line in notices if told in line]

    assert doubted(one="", two="2", three="3", four="1") == ["two, four"]
    assert doubted(one="", two="2", three="3", four="5") == ["two"], "the table was corrected"


def test_one_split_learns_from_the_training_part_alone(tmp_path):
    cohort = numbers_alone(tmp_path)
    test = [f"c{place}" for place in range(60, 80)]
    cohort = Cohort(tmp_path, cohort.cases, {"test_cases": test, "ceiling_auc": 0.9})
    estimator = TabularEstimator("MR", (), beginning="MR:")
    found = judge_by_split(TASK, cohort, estimator, tmp_path / "split", Plan(), "MR")
    assert found["cases"] == 20 and found["training_cases"] == 60 and found["training_auc"] > 0.85
    expected = estimator.fit(cohort, range(60)).probabilities(cohort, range(60, 80))[:, 1]
    assert np.allclose(read_predictions(tmp_path / "split" / "predictions.csv")[0].probabilities, expected, atol=1e-6)
    with pytest.raises(Problem, match="no training and test part"):
        judge_by_split(TASK, Cohort(tmp_path, cohort.cases, {}), estimator, tmp_path / "other", Plan(), "MR")


def test_a_setting_is_changed_for_an_ablation():
    changes = ["network_options.iterations=2", "schedule.epochs=7", "numbers.radiomics.muscles=4_recti"]
    config = load_classifier_config("rdinet", CONFIGS, changes)
    assert config.network_options["iterations"] == 2 and config.schedule.epochs == 7
    assert estimator_of(config).numbers["radiomics"].beginning == "4_recti:"
    with pytest.raises(Problem, match="changes no setting"):
        load_classifier_config("rdinet", CONFIGS, ["schedule.epochs"])


def test_a_case_is_measured_by_the_real_engine_as_by_pyradiomics(patients, tmp_path, monkeypatch):
    """One synthetic patient: the 660 features of every group, from the grey values of the scan."""
    monkeypatch.setattr(region_study, "region_features", region_features)
    patient = replace(patients[1], muscles=(0.0,) * 10)
    own = make_case(patient, tmp_path, cohort=tmp_path / "own", settings=STUDY.settings(engine="own"),
                    pixel=PIXEL)["numbers"]
    assert sum(name.startswith("MR+LR:") for name in own) == 660
    assert arrays_path(tmp_path / "own", patient.name).is_file()
    scan = make_scan(patient, PIXEL)
    grey, labels = reorient_to_ras(scan.image), reorient_to_ras(scan.labels)
    reference = STUDY.features(grey, labels, ["LR"], STUDY.profile, "pyradiomics")
    assert len(reference) == 660
    assert not [name for name, value in reference.items() if own[name] != pytest.approx(value, rel=1e-6, abs=1e-9)]
    volume = np.isin(scan.labels.array, values_of("LR")).sum() * np.prod(scan.labels.spacing)
    assert own["LR:original_shape_VoxelVolume"] == pytest.approx(volume, rel=0.1)


def test_measurements_that_teach_a_network_are_signal_and_size(cohort):
    found = muscle_measures(cohort, [0, 2])
    assert found.shape == (2, 6) and np.isfinite(found).all()  # this cohort has no shape features
    assert np.array_equal(found, cohort.numbers([f"ratio {group}" for group in STRATEGIES], [0, 2]))
