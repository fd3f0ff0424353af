"""Heat maps and reports as DICOM objects in the study of a series."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from NeuroOrbitLib import __version__
from NeuroOrbitLib.dicom.concepts import concept, unit_concept
from NeuroOrbitLib.dicom.content import ORBIT, Content
from NeuroOrbitLib.dicom.preflight import UNICODE
from NeuroOrbitLib.dicom.segmentation import MANUFACTURER
from NeuroOrbitLib.measurements.codes import OWN

if TYPE_CHECKING:
    from highdicom.pm import ParametricMap
    from pydicom import Dataset

_MAP_NUMBER, _REPORT_NUMBER = 302, 303
_PDF_CLASS = "1.2.840.10008.5.1.4.1.1.104.1"
_FROM_STUDY = ("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyInstanceUID", "StudyDate",
               "StudyTime", "StudyID", "AccessionNumber", "ReferringPhysicianName", "PatientIdentityRemoved",
               "DeidentificationMethod", "DeidentificationMethodCodeSequence")


def heat_map_object(images: Sequence[Dataset], values: np.ndarray, name: str, number: int = 0) -> ParametricMap:
    """Return a heat map as a parametric map with the image type DERIVED and the content qualification RESEARCH.

    :param images: data sets of the series, without pixels.
    :param values: heat of each slice, (slices, J, I).
    :param name: name of the map, e.g. "Occlusion, active".
    :param number: number of the map among several, from 0.
    """
    import highdicom

    values = np.nan_to_num(np.asarray(values, dtype=np.float32))
    low, high = float(values.min()), float(values.max())
    mapping = highdicom.pm.RealWorldValueMapping(
        lut_label="HEAT", lut_explanation=name[:64], unit=unit_concept(""), value_range=(low, high), slope=1.0,
        intercept=0.0, quantity_definition=concept("HEAT_MAP", "Contribution to a classifier's estimate", OWN))
    found = highdicom.pm.ParametricMap(
        source_images=images, pixel_array=values, series_instance_uid=highdicom.UID(),
        series_number=_MAP_NUMBER + 10 * (number + 1), sop_instance_uid=highdicom.UID(), instance_number=1,
        manufacturer=MANUFACTURER, manufacturer_model_name=ORBIT.product, software_versions=__version__,
        device_serial_number="none", contains_recognizable_visual_features=False, real_world_value_mappings=[mapping],
        voi_lut_transformations=[highdicom.VOILUTTransformation((low + high) / 2, max(high - low, 1e-6))],
        content_label="HEAT_MAP",
        content_description=name[:64], series_description=f"{name} (derived, research use only)"[:64])
    found.Laterality = ""  # the head is one; readers that do not know that want the field
    return found


def report_object(image: Dataset, pdf: bytes, title: str, content: Content = ORBIT) -> Dataset:
    """Return a report in PDF as an encapsulated document.

    :param image: data set of any image of the study.
    :param pdf: content of the PDF file.
    :param title: title of the document.
    :param content: names of the part of the extension that wrote the report; the orbit by default.
    """
    import highdicom
    from pydicom import Dataset
    from pydicom.uid import ExplicitVRLittleEndian

    now = datetime.now()
    document = Dataset()
    for keyword in _FROM_STUDY:
        if keyword in image:
            document[keyword] = image[keyword]
    values = {
        "SOPClassUID": _PDF_CLASS, "SOPInstanceUID": highdicom.UID(), "SeriesInstanceUID": highdicom.UID(),
        "SeriesNumber": _REPORT_NUMBER, "InstanceNumber": 1, "Modality": "DOC", "ConversionType": "WSD",
        "SeriesDescription": f"{title} (research use only)", "Manufacturer": MANUFACTURER,
        "ManufacturerModelName": content.product, "SoftwareVersions": __version__, "BurnedInAnnotation": "YES",
        "ContentDate": now.strftime("%Y%m%d"), "ContentTime": now.strftime("%H%M%S"), "AcquisitionDateTime": "",
        "DocumentTitle": title[:1024], "ConceptNameCodeSequence": [], "MIMETypeOfEncapsulatedDocument":
        "application/pdf", "EncapsulatedDocumentLength": len(pdf), "SpecificCharacterSet": UNICODE,
        "EncapsulatedDocument": pdf + b"\0" * (len(pdf) % 2),
    }  # fmt: skip
    for keyword, value in values.items():
        setattr(document, keyword, value)
    document.file_meta = file_header(document, ExplicitVRLittleEndian)
    return document


def file_header(document: Dataset, syntax: str) -> Dataset:
    """Return the file meta information of a data set.

    :param document: data set.
    :param syntax: UID of the transfer syntax.
    """
    from pydicom.dataset import FileMetaDataset

    meta = FileMetaDataset()
    meta.TransferSyntaxUID = syntax
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = document.SOPClassUID, document.SOPInstanceUID
    return meta
