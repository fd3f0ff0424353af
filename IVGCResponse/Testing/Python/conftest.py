"""Small synthetic patients and a small cohort, made once; features are noise, since radiomics have tests of their own.

The bias field is left alone here: estimating it takes most of the time, and has tests of its own, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from IVGCResponseLib.study import STUDY
from IVGCResponseLib.synthetic.cohort import make_cohort
from IVGCResponseLib.synthetic.plan import PlannedPatient, ResponseCohortPlan, plan_patients
from IVGCResponseLib.synthetic.scans import make_scan
from NeuroOrbitLib.classifiers import region_study, structure_box
from NeuroOrbitLib.classifiers.cohort import Cohort
from NeuroOrbitLib.phantom.patients.patient import Scan

#: Edge of the pixels (mm): a fast scan whose muscles still hold some eighty voxels each.
PIXEL = 2.0
PLAN = ResponseCohortPlan(5, seed=3)


def region_features(scan, labels, regions, profile="", engine="", progress=None) -> dict[str, float]:
    """Two features of each group that follow from the scan, in place of hundreds."""
    return {f"{name}:{feature}": float(value) for name in regions
            for feature, value in (("mean", scan.array.mean()), ("spread", scan.array.std() + len(name)))}


@pytest.fixture(scope="session")
def patients() -> list[PlannedPatient]:
    """The planned patients of the small cohort."""
    return plan_patients(PLAN)


@pytest.fixture(scope="session")
def scan(patients) -> Scan:
    """A coronal T2 scan of a patient whose muscles are as they are on average."""
    return make_scan(replace(patients[0], muscles=(0.0,) * 10), PIXEL)


@pytest.fixture(scope="session", autouse=True)
def quick() -> Iterator[None]:
    """No bias field is estimated, and features are few."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(structure_box, "correct_bias_field", lambda image: image.with_array(
            image.array.astype(np.float32)))
        patch.setattr(region_study, "region_features", region_features)
        yield


@pytest.fixture(scope="session")
def cohort(tmp_path_factory, quick) -> Cohort:
    """Five patients, two of them responders."""
    folder: Path = tmp_path_factory.mktemp("cohort")
    return make_cohort(folder, PLAN, STUDY.settings(profile="test"), pixel=PIXEL)
