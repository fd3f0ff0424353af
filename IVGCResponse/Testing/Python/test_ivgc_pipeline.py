"""One patient, from the scan to the answer and its reasons: the same for the command line and everything else."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from IVGCResponseLib import task
from IVGCResponseLib.__main__ import main
from IVGCResponseLib.clinical import FEATURES
from IVGCResponseLib.gate import GATE
from IVGCResponseLib.inventory import RESPONSE_MODEL
from IVGCResponseLib.pipeline import RESPONSE, classify_image, explain_image
from IVGCResponseLib.task import MUSCLE_MEANS, TASK, check_fit, documents, estimator_of, package_words, predictor_of
from IVGCResponseLib.wording import method_text
from NeuroOrbitLib.anatomy.structures import RECTI, label_name, label_value, structure
from NeuroOrbitLib.classifiers import region_study
from NeuroOrbitLib.classifiers.augmentation import seen
from NeuroOrbitLib.classifiers.cohort import ARRAYS_NAME, SYNTHETIC_CASES, write_case_arrays, write_cohort
from NeuroOrbitLib.classifiers.column_file import COLUMNS
from NeuroOrbitLib.classifiers.columns import columns_as_data, columns_from_data
from NeuroOrbitLib.classifiers.describe import CSV_NAME
from NeuroOrbitLib.classifiers.judging import judge_package
from NeuroOrbitLib.classifiers.model_contributions import contributions_of, scores_by, scores_of
from NeuroOrbitLib.classifiers.number_inputs import NumberInput
from NeuroOrbitLib.classifiers.packing import train_package
from NeuroOrbitLib.classifiers.question import Question
from NeuroOrbitLib.classifiers.recalibration import Recalibration
from NeuroOrbitLib.classifiers.region_study import AskedRegions
from NeuroOrbitLib.classifiers.structure_reasons import weights_matter
from NeuroOrbitLib.classifiers.training_config import config_from_dict
from NeuroOrbitLib.files.safe import write_json
from NeuroOrbitLib.files.tables import read_records
from NeuroOrbitLib.imaging.files import load_image, save_image
from NeuroOrbitLib.models import ModelPackage
from NeuroOrbitLib.models.problem import ModelProblem
from NeuroOrbitLib.problem import Problem

CLINICAL = {"age": 45.0, "cas": 5.0, "trab": 8.0}
CONFIG = {
    "name": "test-response", "title": "Test", "network": "rdinet_clinical_compact",
    "network_options": {"width": 2, "edge": 32, "features": 8, "iterations": 1},
    "numbers": {"radiomics": {"muscles": "MR", "selection": {"difference": {"fewest": 1}}},
                "clinical": {"columns": ["age", "cas", "trab"]}},
    "schedule": {"epochs": 1, "batch_size": 5, "learning_rate": 0.001}, "folds": 2, "repeats": 1,
}  # fmt: skip


@pytest.fixture(scope="session")
def package(cohort, tmp_path_factory) -> ModelPackage:
    """A network of image, radiomics and clinical features, hardly trained."""
    folder = tmp_path_factory.mktemp("package") / "test-response"
    config = config_from_dict(CONFIG)
    return train_package(TASK, cohort, estimator_of(config), config, package_words(config, cohort), folder,
                         documents=documents)


def test_a_package_answers_as_the_network_that_was_trained(package, cohort, tmp_path):
    assert RESPONSE_MODEL.includes(package) and package.facts.network_arguments["clinical"] == 3
    found = predictor_of(ModelPackage.open(package.folder)).probabilities(cohort, range(5))
    assert found.shape == (5, 2) and np.allclose(found.sum(axis=1), 1)
    judged = judge_package(task, package, cohort, tmp_path)
    assert judged["cases"] == 5 and judged["novelty"]["median"] < 5
    other = replace(cohort, facts={**cohort.facts, "box": "masked"})
    with pytest.raises(Problem, match="trained with box four_recti, the cohort has masked"):
        check_fit(package, other)


def test_a_training_on_radiomics_that_were_not_measured_is_refused(cohort, tmp_path):
    """A cohort made with --profile none, and a configuration of image, radiomics and clinical features."""
    cases = tuple(replace(case, numbers={name: value for name, value in case.numbers.items() if ":" not in name})
                  for case in cohort.cases)
    bare = replace(cohort, cases=cases)
    with pytest.raises(Problem, match=r"has no features whose names begin with 'MR:'.*\(--profile\)"):
        estimator_of(config_from_dict(CONFIG)).fit(bare, range(5), tmp_path, 0)


def test_a_package_of_radiomics_and_clinical_features_that_learned_without_radiomics_opens(cohort, scan, tmp_path):
    config = config_from_dict(CONFIG)
    estimator = estimator_of(config)
    estimator = replace(estimator, numbers={**estimator.numbers, "radiomics": NumberInput(())})
    made = train_package(TASK, cohort, estimator, config, package_words(config, cohort), tmp_path / "bare",
                         documents=documents)
    found, explanation = explain_image(scan.image, ModelPackage.open(made.folder), scan.labels, Question(CLINICAL))
    assert made.facts.network_arguments["radiomics"] == 0 and list(found.numbers) == ["age", "cas", "trab"]
    assert 0 < found.probability < 1 and len(explanation.falls) == 4


def test_a_patient_is_classified_with_what_is_known_and_the_rest_is_said(package, scan):
    found = classify_image(scan.image, package, scan.labels, Question(CLINICAL))
    assert 0 <= found.probability <= 1 and not found.calibrated and found.imputed == ()
    assert found.numbers["age"] == 45.0 and any(name.startswith("MR:") for name in found.numbers)
    without = classify_image(scan.image, package, scan.labels)
    assert without.imputed == ("age", "cas", "trab")
    assert without.probability != found.probability
    assert any("replaced by the mean of the training: Age" in text for text in without.notices)


def test_radiomics_that_could_not_be_measured_are_told(package, scan, monkeypatch):
    """Of a scan with very many grey levels, or a muscle of a few voxels: the mean of the training stands for them."""
    measured = region_study.region_features
    monkeypatch.setattr(region_study, "region_features", lambda *given, **more: dict.fromkeys(
        measured(*given, **more), float("nan")))
    found = classify_image(scan.image, package, scan.labels, Question(CLINICAL))
    count = sum(name.startswith("MR:") for name in found.numbers)
    told = [text for text in found.notices if "radiomics features" in text]
    assert count and told[0].startswith(f"{count} of the {count} ") and "Do not rely on" in told[0]
    monkeypatch.undo()
    assert not any("radiomics features" in text for text in
                   classify_image(scan.image, package, scan.labels, Question(CLINICAL)).notices)


@pytest.mark.parametrize("ask", [classify_image, explain_image])
def test_another_kind_of_scan_is_refused_before_orbits_are_looked_for(ask, package, scan, monkeypatch):
    monkeypatch.setattr("OrbitSegmentationLib.pipeline.orbits_of", lambda *_: pytest.fail("looked for orbits"))
    with pytest.raises(Problem, match="not a T2 series"):
        ask(scan.image, package, None, Question(tags={"EchoTime": "12", "RepetitionTime": "600"}))


def test_patients_for_whom_the_model_was_not_made_are_not_estimated_unless_asked_for(package, scan, monkeypatch):
    assert GATE.reasons(CLINICAL) == []
    for clinical, gate, words in (({"cas": 1.0}, {}, "inactive disease"), ({"age": 9.0}, {}, "no child"),
                                  ({}, {"optic_neuropathy": True}, "Optic neuropathy"),
                                  ({}, {"treated": True}, "treatment has begun")):
        with monkeypatch.context() as patch:
            patch.setattr("OrbitSegmentationLib.pipeline.orbits_of", lambda *_: pytest.fail("looked for orbits"))
            with pytest.raises(Problem, match=f"Not what the model was made for.*{words}"):
                classify_image(scan.image, package, None, Question(clinical, gate=gate))
    found = classify_image(scan.image, package, scan.labels, Question({"cas": 1.0}, anyway=True))
    assert any("inactive disease" in text for text in found.notices)
    before = classify_image(scan.image, package, scan.labels, Question({"earlier_steroids": 1.0}))
    assert any("before this episode" in text for text in before.notices)


def test_missing_and_unusual_numbers_are_told_with_what_they_could_change(package, scan):
    found = classify_image(scan.image, package, scan.labels, Question({**CLINICAL, "trab": 99.0}))
    place = next(place for place in found.places if place.name == "trab")
    assert place.outside and any("No patient of the training had such values: TSH" in text for text in found.notices)
    without = classify_image(scan.image, package, scan.labels, Question({"age": 45.0}))
    assert without.imputed == ("cas", "trab") and set(without.possible) == {"cas", "trab"}
    assert all(low <= high for low, high in without.possible.values())
    data = json.loads(json.dumps(RESPONSE.data(without, package)))
    assert data["possible"]["cas"] == list(without.possible["cas"])
    assert next(place for place in data["places"] if place["name"] == "cas")["value"] is None


def test_a_rare_yes_is_among_what_a_missing_feature_could_change(cohort, scan, tmp_path):
    """Of a feature that one patient in thirty has, 65 % to 65 % was told, while yes made 61 % of it."""
    cases = [replace(case, case=f"{case.case}-{copy}", patient=f"{case.patient}-{copy}", numbers={
        **case.numbers, "motility": float(copy == 0 and case is cohort.cases[0])}) for copy in range(6)
        for case in cohort.cases]
    folder = tmp_path / "cohort"
    for number, case in enumerate(cases):
        write_case_arrays(folder, case.case, {name: cohort.array(name, number % len(cohort))
                                              for name in ("image", "labels")})
    made = trained_on_numbers("clinical", write_cohort(folder, cases, cohort.facts), tmp_path / "rare")
    columns = [column.name for column in FEATURES.columns() if column.name != "motility"]
    known = dict(zip(columns, np.nanmean(cohort.numbers(columns), axis=0).tolist(), strict=True)) | {"cas": 4.0}
    found = classify_image(scan.image, made, scan.labels, Question(known))
    yes = classify_image(scan.image, made, scan.labels, Question({**known, "motility": 1.0})).probability
    assert found.imputed == ("motility",) and abs(yes - found.probability) > 1e-3
    assert found.possible["motility"] == pytest.approx(sorted((found.probability, yes)))


def test_a_recalibration_changes_the_probability_and_says_so(package, scan):
    own = Recalibration(package.name, package.sha256, 0.5, 1.0, 40, 20, 0.2, 0.19)
    plain = classify_image(scan.image, package, scan.labels, Question(CLINICAL))
    found = classify_image(scan.image, package, scan.labels, Question(CLINICAL, recalibration=own))
    assert found.probability == pytest.approx(own.probability(plain.probability)) and found.recalibration is own
    assert plain.recalibration is None and found.interval is None
    told = "did not improve the probabilities of patients who were not used in it"
    assert not [text for text in found.notices if told in text]
    worse = replace(own, brier_after=0.21)  # the command says so, and an answer months later must, too
    found = classify_image(scan.image, package, scan.labels, Question(CLINICAL, recalibration=worse))
    assert [text for text in found.notices if told in text] == [worse.doubt]


def test_replacing_a_muscle_changes_that_muscle_alone(package, scan):
    asked = RESPONSE.ask(package, scan.image, scan.labels, Question(CLINICAL))
    means = dict(package.document(MUSCLE_MEANS))
    changed = asked.with_signal(asked.replacing(structure("medial_rectus").values, means))
    values, sd = structure("medial_rectus").values, asked.prepared.scale[1]
    after = changed.prepared.corrected.array
    for value in values:
        inside = asked.prepared.scan_labels.array == value
        assert after[inside].mean() == pytest.approx(means[str(value)] * sd + asked.prepared.scale[0], rel=1e-3)
        factor = after[inside] / asked.prepared.corrected.array[inside]
        assert factor == pytest.approx(factor.mean(), rel=1e-3)
    elsewhere = ~np.isin(asked.prepared.scan_labels.array, values)
    assert np.array_equal(after[elsewhere], asked.prepared.corrected.array[elsewhere])
    assert changed.prepared.scale == asked.prepared.scale
    before_radiomics = {name: value for name, value in asked.numbers.items() if ":" in name}
    assert any(changed.numbers[name] != value for name, value in before_radiomics.items())


def test_the_muscle_that_a_model_looks_at_leads_the_explanation(package, scan, monkeypatch):
    """A model that answers by the mean signal of the lateral recti: their replacement lowers the probability most."""
    def raw(self) -> float:
        lateral = np.isin(self.prepared.labels.array, structure("lateral_rectus").values)
        return float(1 / (1 + np.exp(-self.prepared.image.array[lateral].mean())))

    monkeypatch.setattr(AskedRegions, "raw", raw)
    asked = RESPONSE.ask(package, scan.image, scan.labels, Question(CLINICAL))
    low = {str(label_value(key, side)): -1.5 for key in RECTI for side in ("right", "left")}
    monkeypatch.setattr(ModelPackage, "document", lambda self, name: low if name == MUSCLE_MEANS else None)
    falls = RESPONSE.reasons(asked).falls
    assert max(falls, key=falls.get) == "lateral_rectus" and falls["lateral_rectus"] > 0.1
    assert all(abs(falls[key]) < 0.03 for key in RECTI if key != "lateral_rectus")
    assert RESPONSE.reasons(asked).notice == "" and RESPONSE.reasons(asked).image_fall > 0.1


def test_the_explanation_has_heat_in_the_patient_and_says_when_the_image_is_ignored(package, scan, monkeypatch):
    asked = RESPONSE.ask(package, scan.image, scan.labels, Question(CLINICAL))
    found = RESPONSE.reasons(asked)
    assert found.heat.grid.same_as(asked.prepared.image.grid) and found.heat.array.min() >= 0
    assert set(found.falls) == set(RECTI) and len(found.by_structure) == 8
    monkeypatch.setattr(AskedRegions, "raw", lambda self: 0.4)
    assert "ignores the image" in RESPONSE.reasons(asked).notice


def test_an_image_that_speaks_by_its_numbers_alone_is_told(package, scan, monkeypatch):
    """The signal matters, but only as it is measured: the heat of the image then means little."""
    asked = RESPONSE.ask(package, scan.image, scan.labels, Question(CLINICAL))
    name = next(name for name in asked.numbers if name.endswith(":mean"))
    before = asked.numbers[name]
    monkeypatch.setattr(AskedRegions, "raw", lambda self: 0.5 + 50 * (self.numbers[name] / before - 1))
    found = RESPONSE.reasons(asked)
    assert max(map(abs, found.falls.values())) > 0.01 and found.image_fall == 0 and not found.ignores_signal
    assert "The image itself hardly changes the probability" in found.notice
    assert found.as_data()["image_fall"] == 0 and found.as_data()["notice"] == found.notice


def test_a_foreign_package_is_refused(package, scan, tmp_path):
    other = replace(package, facts=replace(package.facts, settings={**package.facts.settings, "kind": "other"}))
    with pytest.raises(ModelProblem, match="does not estimate the response"):
        classify_image(scan.image, other, scan.labels)


def test_the_command_line_classifies_explains_and_describes(package, cohort, scan, tmp_path, capsys):
    save_image(scan.image, tmp_path / "scan.nii.gz")
    save_image(scan.labels, tmp_path / "labels.nii.gz")
    patient = [str(tmp_path / "scan.nii.gz"), "--labels", str(tmp_path / "labels.nii.gz"), "--model",
               str(package.folder), "--clinical", "age=45", "cas=5"]
    assert main(["classify", *patient, "--json", "--report", str(tmp_path / "page.html")]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["decision"] in ("responder", "non-responder") and found["imputed"] == ["trab"]
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert f"{found['decision']}, at the threshold" in page and package.sha256 in page
    assert "<td>45.0</td>" in page and "scan.nii" not in page
    assert found["synthetic_training"] and str(tmp_path) not in json.dumps(found)
    assert main(["explain", *patient, "-o", str(tmp_path / "why")]) == 0
    assert "Fall of the probability (percentage points)" in capsys.readouterr().out
    assert load_image(tmp_path / "why" / "heat.nii.gz").array.shape == (32, 128, 128)
    assert len(read_records(tmp_path / "why" / "muscles.csv")) == 5
    assert main(["describe", "--cohort", str(cohort.folder), "-o", str(tmp_path / "table")]) == 0
    assert "Age (years)" in [cells[0] for _, cells in read_records(tmp_path / "table" / CSV_NAME)]
    assert main(["classify", patient[0], "--labels", patient[0], *patient[3:5]]) == 1
    assert "scan.nii.gz is an image, not a label map" in capsys.readouterr().err
    assert main(["classify", *patient[:5], "--clinical", "trab=8100"]) == 1
    assert "TSH receptor antibodies is 8100" in capsys.readouterr().err


def test_labels_of_others_are_read_as_in_a_cohort_and_exchanged_sides_are_refused(package, scan, tmp_path):
    """Values mean what dataset.json beside them says, for one patient and for a table of radiomics, too."""
    save_image(scan.image, tmp_path / "scan.nii.gz")
    names = {int(value): label_name(int(value)) for value in np.unique(scan.labels.array) if value}
    turned = {value: 30 - value for value in names}
    foreign = np.zeros_like(scan.labels.array)
    for value, other in turned.items():
        foreign[scan.labels.array == value] = other
    for folder, array in (("own", scan.labels.array), ("foreign", foreign)):
        save_image(scan.labels.with_array(array), tmp_path / folder / "labels.nii.gz")
    write_json(tmp_path / "foreign" / "dataset.json", {"labels": {
        "background": 0, **{name: turned[value] for value, name in names.items()}}})
    ask = partial(RESPONSE.classify_file, str(tmp_path / "scan.nii.gz"), str(package.folder), device="cpu")
    own, foreign = (ask(str(tmp_path / folder / "labels.nii.gz"))[0] for folder in ("own", "foreign"))
    assert foreign["ratios"] == own["ratios"] and foreign["probability_of_response"] == own["probability_of_response"]
    volumes = []
    write_json(tmp_path / "small.json", {"imageType": {"Original": {}}, "featureClass": {"shape": ["VoxelVolume"]}})
    for folder in ("own", "foreign"):
        assert main(["features", str(tmp_path / "scan.nii.gz"), "--labels", str(tmp_path / folder / "labels.nii.gz"),
                     "--together", "--profile", str(tmp_path / "small.json"), "--engine", "own", "-o",
                     str(tmp_path / f"{folder}.csv")]) == 0
        volumes.append(read_records(tmp_path / f"{folder}.csv"))
    assert volumes[0] == volumes[1] and len(volumes[0]) == 7
    values = scan.labels.array.astype(int)
    sides = values + np.where((values > 0) & (values < 25), np.where(values % 2 == 1, 1, -1), 0)
    save_image(scan.labels.with_array(sides.astype(np.uint8)), tmp_path / "exchanged.nii.gz")
    with pytest.raises(Problem, match=r"contradict the anatomy: .*left of"):
        ask(str(tmp_path / "exchanged.nii.gz"))


NUMBERS_ALONE = {"name": "c", "title": "C", "network": "clinical", "schedule": None, "folds": 2, "repeats": 1}


@pytest.mark.parametrize("config", [CONFIG, NUMBERS_ALONE], ids=["network", "numbers"])
def test_the_command_line_judges_by_crossvalidation(config, cohort, tmp_path, capsys):
    write_json(tmp_path / "config.json", config)
    assert main(["crossvalidate", "--cohort", str(cohort.folder), "--config", str(tmp_path / "config.json"),
                 "-o", str(tmp_path / "results"), "--device", "cpu"]) == 0
    assert "Ceiling of the AUC" in capsys.readouterr().out
    assert (tmp_path / "results" / "report.html").is_file()


@pytest.fixture(scope="session")
def numbers_package(cohort, tmp_path_factory) -> ModelPackage:
    """A learner on radiomics alone, packed by the command line."""
    folder = tmp_path_factory.mktemp("numbers")
    write_json(folder / "config.json", {
        "name": "test-numbers", "title": "Radiomics", "network": "radiomics", "schedule": None, "folds": 2,
        "network_options": {"muscles": ["MR"], "learners": ["logistic"], "selection": {}}})
    assert main(["train", "--cohort", str(cohort.folder), "--config", str(folder / "config.json"), "-o",
                 str(folder / "test-numbers")]) == 0
    return ModelPackage.open(folder / "test-numbers")


def test_a_package_of_numbers_answers_and_explains_without_heat(numbers_package, cohort, scan, tmp_path, capsys):
    assert numbers_package.facts.description.startswith("A demonstration model")
    found, why = explain_image(scan.image, numbers_package, scan.labels)
    assert found.imputed == () and {place.name for place in found.places} == {"MR:mean", "MR:spread"}
    assert why.heat is None and set(why.falls) == set(RECTI) and why.as_data("muscle")["share"] is None
    assert found.novelty is not None
    judged = judge_package(task, numbers_package, cohort, tmp_path / "judged")
    fitted = estimator_of(config_from_dict(json.loads(json.dumps(numbers_package.facts.settings["training"])))).fit(
        cohort, range(5), tmp_path / "fit", 0)
    assert np.abs(predictor_of(numbers_package).probabilities(cohort, range(5))
                  - fitted.probabilities(cohort, range(5))).max() < 1e-9
    assert judged["cases"] == 5
    save_image(scan.image, tmp_path / "scan.nii.gz")
    save_image(scan.labels, tmp_path / "labels.nii.gz")
    save_image(scan.image, tmp_path / "why" / "heat.nii.gz")  # of an earlier model, in the same folder
    capsys.readouterr()
    assert main(["explain", str(tmp_path / "scan.nii.gz"), "--labels", str(tmp_path / "labels.nii.gz"), "--model",
                 str(numbers_package.folder), "-o", str(tmp_path / "why")]) == 0
    assert not (tmp_path / "why" / "heat.nii.gz").exists() and (tmp_path / "why" / "muscles.csv").is_file()


def test_heat_that_does_not_come_from_the_weights_is_told(package, scan):
    found = weights_matter(RESPONSE.ask(package, scan.image, scan.labels, Question(CLINICAL)), seen, stages=2)
    assert found and all(-1.0 <= value <= 1.0 for value in found)


def test_contributions_are_of_image_radiomics_and_clinical_features(package, numbers_package, cohort, tmp_path, capsys):
    predictor = predictor_of(package)
    values, own = cohort.numbers(predictor.columns), np.arange(5)
    scores = scores_of(predictor, cohort)
    assert scores(own, values) == pytest.approx(predictor.probabilities(cohort, own)[:, 1], abs=1e-5)
    assert scores(np.array([4, 3, 2, 1, 0]), values) != pytest.approx(scores(own, values), abs=1e-7)
    assert main(["contributions", "--model", str(package.folder), "--cohort", str(cohort.folder), "--permutations", "3",
                 "-o", str(tmp_path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found["groups"]) == {"image", "radiomics", "clinical"} and len(found["numbers"]) == 3
    assert (tmp_path / "contributions_groups.svg").is_file()
    synthetic, learned = found["remarks"][:2]
    assert synthetic == "All of these cases are synthetic: the numbers say nothing of patients."
    assert learned.startswith(f"The model has learned from {len(cohort)} of these {len(cohort)} cases")
    mixed = contributions_of(task, numbers_package, replace(cohort, facts={**cohort.facts, "synthetic": False,
                                                                           SYNTHETIC_CASES: 2}), 2)
    assert mixed.remarks[0].startswith(f"2 of these {len(cohort)} cases are synthetic")
    assert scores_by(predictor, cohort, ("image", "radiomics", "clinical")) == pytest.approx(scores(own, values))
    by_numbers = scores_by(predictor, cohort, ("radiomics", "clinical"), permutations=3)
    assert by_numbers.shape == (5,) and by_numbers != pytest.approx(scores(own, values), abs=1e-9)
    # Nothing that is kept: every case is told by what others have, and all cases by the same on average.
    assert np.ptp(scores_by(predictor, cohort, (), permutations=200)) < 0.5 * np.ptp(scores(own, values))
    alone = contributions_of(task, numbers_package, cohort, 2)
    assert set(alone.groups) == {"radiomics"} and not alone.numbers


@pytest.fixture(scope="session")
def own_package(cohort, tmp_path_factory) -> ModelPackage:
    """A learner on age and free T3, trained by the command line with a list of features of one's own."""
    folder = tmp_path_factory.mktemp("own")
    write_json(folder / "own.json", [{"name": "age", "title": "Age", "unit": "years", "low": 1, "high": 90},
                                     {"name": "ft3", "title": "Free T3", "unit": "pmol/L", "units": {"pg/mL": 1.536},
                                      "low": 1, "high": 50, "help": "In serum."}])
    cases = [replace(case, numbers={**case.numbers, "ft3": 4.0 + number}) for number, case in enumerate(cohort.cases)]
    (folder / "cohort").mkdir()
    (folder / "cohort" / ARRAYS_NAME).symlink_to(cohort.folder / ARRAYS_NAME)
    made = write_cohort(folder / "cohort", cases, cohort.facts)
    write_json(folder / "config.json", {"name": "own-features", "title": "Own features", "network": "clinical",
                                        "schedule": None, "folds": 2, "repeats": 1})
    assert main(["train", "--cohort", str(made.folder), "--config", str(folder / "config.json"), "-o",
                 str(folder / "own-features"), "--schema", str(folder / "own.json")]) == 0
    return ModelPackage.open(folder / "own-features")


def test_a_package_keeps_the_features_of_ones_own_it_has_learned_from(own_package, package, scan, tmp_path, capsys):
    """Asked later and without the file, it takes them, in their units and words; other packages take the shipped."""
    save_image(scan.image, tmp_path / "scan.nii.gz")
    save_image(scan.labels, tmp_path / "labels.nii.gz")
    capsys.readouterr()
    ask = ["classify", str(tmp_path / "scan.nii.gz"), "--labels", str(tmp_path / "labels.nii.gz"), "--json"]
    asked = [*ask, "--model", str(own_package.folder), "--clinical"]
    assert main([*asked, "ft3=4 pg/mL", "--report", str(tmp_path / "page.html")]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["numbers"]["ft3"] == pytest.approx(6.144) and found["imputed"] == ["age"]
    assert [column["name"] for column in found["columns"]] == ["age", "ft3"]
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Free T3 (pmol/L)" in page and "TSH receptor" not in page
    assert main([*asked, "trab=8"]) == 1 and "names are age, ft3" in capsys.readouterr().err
    assert main([*ask, "--model", str(package.folder), "--clinical", "trab=8"]) == 0
    assert "columns" not in json.loads(capsys.readouterr().out)
    assert package.document(COLUMNS) is None and FEATURES.titles()["trab"] == "TSH receptor antibodies"


def test_a_missing_number_is_what_the_answer_says_it_was_replaced_by(own_package, package, cohort, scan):
    """Learners on numbers alone fill with the median, networks with the mean."""
    ages = cohort.numbers(["age"], range(len(cohort)))[:, 0]
    for asked, word, value in ((own_package, "median", np.median(ages)), (package, "mean", ages.mean())):
        clinical = {"cas": 4.0, "trab": 8.0, "ft3": 6.0}
        missing = classify_image(scan.image, asked, scan.labels, Question(clinical))
        filled = classify_image(scan.image, asked, scan.labels, Question({**clinical, "age": float(value)}))
        assert missing.probability == pytest.approx(filled.probability, abs=1e-6)
        assert any(f"replaced by the {word} of the training: Age" in text for text in missing.notices)
    assert abs(np.median(ages) - ages.mean()) > 0.5


def test_columns_are_plain_data_and_back():
    shipped = FEATURES.columns()
    assert columns_from_data(json.loads(json.dumps(columns_as_data(shipped)))) == shipped


def trained_on_numbers(kind: str, cohort, folder) -> ModelPackage:
    config = config_from_dict({"name": "numbers", "title": "Numbers", "network": kind, "schedule": None})
    return train_package(TASK, cohort, estimator_of(config), config, package_words(config, cohort), folder,
                         documents=documents)


def test_muscles_lead_a_model_on_their_signal_ratio_and_none_leads_one_on_clinical_features(cohort, scan, tmp_path):
    """The ratio kept its value while the muscles lost their signal: the model was said to ignore the image."""
    by_ratio, by_clinical = (trained_on_numbers(kind, cohort, tmp_path / kind) for kind in ("signal_ratio", "clinical"))
    labels = scan.labels
    values = scan.image.array.astype(np.float32)
    values[np.isin(labels.array, structure("medial_rectus").values)] *= 0.4  # the lowest signal is here
    dark = scan.image.with_array(values)
    _found, why = explain_image(dark, by_ratio, labels, Question(CLINICAL))
    falls = {key: abs(fall) for key, fall in why.falls.items()}
    assert max(falls, key=falls.get) == "medial_rectus" and falls["medial_rectus"] > 0.01
    assert why.notice == ""
    _found, why = explain_image(dark, by_clinical, labels, Question(CLINICAL))
    told = why.as_data("muscle")
    assert set(told["falls"].values()) == {0.0} and told["leading_muscle"] is None
    assert "leading" not in method_text({**told, "heat_file": None}) and "ignores the image" in told["notice"]
