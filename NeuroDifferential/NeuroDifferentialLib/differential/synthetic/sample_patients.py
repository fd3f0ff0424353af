"""Two sample patients with typical lesions, one with MS and one with NMOSD, as FLAIR scans."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from NeuroDifferentialLib.differential.synthetic.cases import SyntheticScan, simulated_scan
from NeuroDifferentialLib.differential.synthetic.plan import PlannedPatient
from NeuroOrbitLib.imaging.files import save_image
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.phantom.brain.plan import Disease, PatientPlan, Pattern, random_lesion
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

#: Number of lesions of each pattern in each sample patient.
_LESIONS = {
    Disease.MS: {Pattern.DAWSON: 6, Pattern.PERIVENTRICULAR: 5, Pattern.JUXTACORTICAL: 4, Pattern.CALLOSAL: 2,
                 Pattern.INFRATENTORIAL: 2, Pattern.DEEP_WHITE: 3},
    Disease.NMOSD: {Pattern.LINEAR_EPENDYMAL: 3, Pattern.PUNCTATE: 6, Pattern.DEEP_WHITE: 4, Pattern.HYPOTHALAMIC: 1,
                    Pattern.PERIAQUEDUCTAL: 1},
}
_SEQUENCE = "flair-axial-3mm"
#: Seeds of head and scanner: two people, in scans without a strong lining of the ventricles or very uneven cortex,
#: which look like lesions.
_SEEDS = {Disease.MS: 3, Disease.NMOSD: 10}


def make_sample(kind: str) -> SyntheticScan:
    """Return the sample scan with its lesions, which is the same every time.

    :param kind: ``"MS"`` or ``"NMOSD"``.
    :raises Problem: for another kind.
    """
    if kind not in [disease.value for disease in Disease]:
        raise Problem(_("There is no sample {kind!r}. Choose MS or NMOSD.").format(kind=kind))
    disease = Disease(kind)
    rng = np.random.default_rng(7)
    lesions = tuple(random_lesion(rng, pattern, disease) for pattern, count in _LESIONS[disease].items()
                    for _ in range(count))
    patient = PlannedPatient(f"sample {kind}", int(disease is Disease.NMOSD), _SEEDS[disease], True,
                             PatientPlan(disease, 34.0, 0.3, lesions), 0.0)
    return simulated_scan(patient, _SEQUENCE, "axial")


def write_sample(kind: str, path: str | Path, progress: Progress = silent) -> None:
    """Write a sample FLAIR (NIfTI, NRRD or MetaImage).

    :param kind: ``"MS"`` or ``"NMOSD"``.
    :param path: file to write.
    :param progress: receives the fraction done and a message.
    :raises Problem: for an unknown kind, or if the file cannot be written.
    """
    progress(0.1, _("Scanning a synthetic patient"))
    save_image(make_sample(kind).flair, path)
