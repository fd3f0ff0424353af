"""The numbers of an answer are told in words: names that a reader understands, yes and no, fixed decimals."""

from __future__ import annotations

import pytest

from IVGCResponseLib.number_words import words_of
from NeuroOrbitLib.radiomics.names import CLASSES
from NeuroOrbitLib.radiomics.readable import readable_name


@pytest.mark.parametrize(("name", "value", "told"), [
    ("smoking", 1.0, "yes"), ("smoking", 0.0, "no"), ("thyroid_status", 2.0, "hyperthyroid"), ("cas", 4.0, "4"),
    ("age", 45.0, "45.0"), ("bcva", 0.2, "0.20"), ("trab", None, ""), ("sex", float("nan"), ""),
    ("ratio MR", 1.23456, "1.235"), ("MR+LR:original_firstorder_Energy", 4.2e9, "4.200e+09"),
    ("MR+LR:original_firstorder_Median", 312.44, "312.4"), ("MR+LR:original_glcm_Idn", 0.98765, "0.9877"),
])
def test_values_are_told_as_a_clinic_writes_them(name, value, told):
    assert words_of(name).text(value) == told


@pytest.mark.parametrize(("name", "title", "meaning"), [
    ("trab", "TSH receptor antibodies (IU/L)", "TRAb in serum"),
    ("4_recti:original_shape_MeshVolume", "all recti: Mesh volume (shape), mm3", "Volume inside the triangles"),
    ("MR+LR:wavelet-LLH_firstorder_Median", "medial and lateral rectus: Median (first order, wavelet LLH)",
     "on the wavelet image coarse"),
    ("MR:log-sigma-3-0-mm-3D_glcm_ClusterShade", "medial rectus: Cluster shade (GLCM, LoG 3.0 mm)",
     "glcm_ClusterShade"),
    ("lowest ratio", "Lowest signal ratio", "5th percentile"),
    ("ratio SR", "Signal ratio, superior rectus", "temporal muscles"),
    ("mean", "mean", ""),
])
def test_names_are_readable_and_explained(name, title, meaning):
    assert words_of(name).title == title and meaning in words_of(name).meaning


def test_every_feature_has_a_readable_name_of_its_own():
    names = [readable_name(f"original_{kind}_{feature}") for kind in CLASSES for feature in CLASSES[kind]]
    assert len(set(names)) == len(names) and not any("_" in name for name in names)
