"""Of several CT series of one study in the scene the right one is proposed, with the reason."""

from __future__ import annotations

import numpy as np
import pytest
import slicer

from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.mrml.study_series import best_of_study, propose_series
from NeuroOrbitLib.mrml.volumes import node_from_image
from NeuroOrbitLib.widgets.series_proposal import SeriesProposal


def series(name, spacing, slices, is_ct=True):
    """A head in air as CT in HU, or a picture with MRI's values."""
    array = np.full((slices, 24, 24), -1000 if is_ct else 0, np.int16)
    array[:, 4:20, 4:20] = 40 if is_ct else 300
    array[:, 6:18, 6:18] = -90 if is_ct else 500
    array[:, 4, 4:20] = 900 if is_ct else 20
    return node_from_image(Image(array, np.diag([4.0, 4.0, spacing, 1.0])), name)


@pytest.fixture
def in_study(slicer_session):
    """Puts volumes into one study of one patient."""
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    study = hierarchy.CreateStudyItem(hierarchy.CreateSubjectItem(hierarchy.GetSceneItemID(), "Patient"), "Study")

    def put(*volumes):
        for volume in volumes:
            hierarchy.SetItemParent(hierarchy.GetItemByDataNode(volume), study)
        return volumes

    return put


def test_thin_soft_tissue_series_is_proposed_whichever_is_chosen(in_study):
    thick, bone, thin = in_study(series("Head 5.0", 5.0, 12), series("Orbit 0.6 bone", 0.6, 60),
                                 series("Orbit 0.6", 0.6, 60))
    for chosen in (thick, bone, thin):
        proposal = propose_series(chosen)
        assert proposal.volume is thin and proposal.count == 3
        assert proposal.reason == "it has a soft-tissue kernel and thin slices"
    assert best_of_study(thick) is thin


def test_nothing_is_proposed_for_mri_other_studies_and_equal_series(in_study):
    alone, (mri, other) = series("CT", 5.0, 12), in_study(series("T1", 5.0, 12, False), series("T2", 1.0, 40, False))
    assert propose_series(alone) is None and propose_series(mri) is None and propose_series(None) is None
    in_study(series("CT a", 1.0, 40), same := series("CT b", 1.0, 40))
    assert propose_series(same) is None and best_of_study(alone) is alone and best_of_study(other) is other


def test_series_too_short_for_an_orbit_is_never_proposed(in_study):
    thick, thin, _scout = in_study(series("Head", 5.0, 12), series("Orbit", 1.0, 40), series("Cut", 0.5, 12))
    assert propose_series(thick).volume is thin


def test_the_panel_says_why_and_takes_it_with_one_click(in_study):
    thick, thin = in_study(series("Head 5.0", 5.0, 12), series("Orbit 0.6", 0.6, 60))
    taken = []
    part = SeriesProposal(taken.append)
    part.set_scan(thick)
    assert part.label.text == "Of the 2 CT series of this study 'Orbit 0.6' suits better: it has thin slices."
    part.button.click()
    assert taken == [thin]
    part.set_scan(thin)
    assert "is proposed: it has thin slices" in part.label.text and part.button.isHidden() and not part.isHidden()
    part.set_scan(None)
    assert part.isHidden()
