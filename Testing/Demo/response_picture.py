"""Draws docs/pictures/ivgc_response.png: ``python -m Testing.Demo.response_picture`` (``make response-picture``).

The sample responder through the module's panel as a reader goes: muscles, the patient's data, apply, explain. With
``--report PATH`` the report is written too.
"""

from __future__ import annotations

from typing import Any

from Testing.Demo.panel_picture import PanelPicture


def remember_patient(scan: Any, kind: str) -> None:
    """Store the sample patient's data with the scan, as if they had been typed."""
    from IVGCResponseLib.mrml.patient_data import PATIENTS
    from IVGCResponseLib.synthetic.sample_patients import sample_patient
    from NeuroOrbitLib.mrml.patient_data import PatientData

    known = {name: value for name, value in sample_patient(kind).clinical.items() if value == value}
    PATIENTS.remember(scan, PatientData(known))


PICTURE = PanelPicture("IVGCResponse", "IVGCResponseLib.inventory", "ivgc_response.png", "responder", 1900,
                       ("prepareButton", "applyButton", "explainButton"), prepare=remember_patient)

if __name__ == "__main__":
    PICTURE.main(__doc__)
