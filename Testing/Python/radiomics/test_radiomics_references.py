"""Values that others published: the IBSI digital phantom, PyRadiomics' test case."""

from __future__ import annotations

from pathlib import Path

import pytest

from Testing.Experiments.validation.radiomics_references import baseline_rows, ibsi_rows
from Testing.real_data import real_data_folder

FOLDER = (real_data_folder() or Path("missing")) / "radiomics"
pytestmark = [pytest.mark.real, pytest.mark.skipif(not FOLDER.is_dir(), reason="no radiomics references")]


def test_every_feature_agrees_with_the_consensus_of_ibsi():
    rows = ibsi_rows(FOLDER)
    assert len(rows) >= 95
    assert not [row for row in rows if not row.agrees]


def test_pyradiomics_definitions_deviate_from_ibsi_only_as_documented():
    deviating = {row.name.rpartition("_")[2] for row in ibsi_rows(FOLDER, "pyradiomics") if not row.agrees}
    assert deviating == {"Kurtosis", "MinorAxisLength", "LeastAxisLength"}


def test_the_baseline_of_pyradiomics_is_reproduced_by_our_engine():
    rows = list(baseline_rows(FOLDER, "own"))
    assert len(rows) > 600
    assert not [(case, row) for case, row in rows if not row.agrees]


def test_the_baseline_of_pyradiomics_is_reproduced_through_pyradiomics():
    pytest.importorskip("radiomics", reason="PyRadiomics is not installed")
    rows = list(baseline_rows(FOLDER, "pyradiomics"))
    assert len(rows) > 600
    assert not [(case, row) for case, row in rows if not row.agrees]
