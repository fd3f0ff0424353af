"""The demonstration as a visitor starts it, with nothing but the synthetic patient."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile

import pytest

from Testing.Demo.run import REPOSITORY


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory):
    """Run it once in a process of its own; what it printed, and its folder."""
    output = tmp_path_factory.mktemp("demo")
    environment = {**os.environ, "NEUROORBIT_REAL_DATA": str(output / "none")}
    done = subprocess.run([sys.executable, "-m", "Testing.Demo.run", "--output", str(output)], cwd=REPOSITORY,
                          env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout, output


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_report_has_both_scans_of_the_patient_with_eyeballs_where_they_are(demonstration):
    printed, output = demonstration
    report = (output / "report.html").read_text(encoding="utf-8")
    assert str(output / "report.html") in printed.splitlines()[-1]
    scores = [float(dice) for dice in re.findall(r"<td>(?:Right|Left) eyeball</td>(?:<td[^>]*>.*?</td>){2}"
                                                 r'<td class="number">([\d.]+)</td>', report)]
    assert len(scores) == 4 and min(scores) > 0.7
    assert report.count("data:image/png;base64,") == 10


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_scene_holds_scans_results_tables_and_records(demonstration):
    names = zipfile.ZipFile(demonstration[1] / "scene.mrb").namelist()
    kinds = {ending: sum(name.endswith(ending) for name in names) for ending in (".seg.nrrd", ".tsv", ".txt", ".mrml")}
    assert kinds[".seg.nrrd"] == 2 and kinds[".txt"] == 2 and kinds[".tsv"] >= 2 and kinds[".mrml"] == 1
    assert sum(name.endswith(".nrrd") for name in names) == 4


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_outlines_are_drawn_in_every_plane_and_surfaces_in_3d(demonstration):
    from matplotlib.image import imread

    for case in ("phantom-ct", "phantom-mr"):
        for plane in ("axial", "coronal", "sagittal", "surfaces"):
            picture = imread(demonstration[1] / "pictures" / f"{case}-{plane}.png")[..., :3]
            warm = picture[..., 0] - picture[..., 2] > 0.2  # muscles and nerve; nothing else in a view has such colours
            assert warm.sum() > 300, (case, plane)
