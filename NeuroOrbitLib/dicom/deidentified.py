"""De-identified images of a series: only fields that are known to be harmless are kept.

This follows the Basic Application Level Confidentiality Profile (DICOM PS3.15, annex E), but is stricter: instead of
removing fields that may identify the patient, it only keeps those needed to read and measure the images. Dates and free
text are removed.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING

from NeuroOrbitLib.dicom.preflight import UNICODE
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from pydicom import Dataset

_NEW_IDENTIFIERS = {"SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID",
                    "DimensionOrganizationUID"}
_KEPT_WORDS = """
SOPClassUID Modality ImageType Manufacturer SeriesNumber InstanceNumber AcquisitionNumber NumberOfFrames Rows Columns
BitsAllocated BitsStored HighBit PixelRepresentation SamplesPerPixel PhotometricInterpretation PlanarConfiguration
PixelPaddingValue PixelPaddingRangeLimit LossyImageCompression LossyImageCompressionRatio LossyImageCompressionMethod
PixelData BurnedInAnnotation PositionReferenceIndicator
PixelSpacing SliceThickness SpacingBetweenSlices ImagePositionPatient ImageOrientationPatient SliceLocation
PatientPosition RescaleSlope RescaleIntercept RescaleType WindowCenter WindowWidth GantryDetectorTilt
KVP XRayTubeCurrent Exposure ExposureTime ConvolutionKernel FilterType ReconstructionDiameter
ScanningSequence SequenceVariant ScanOptions MRAcquisitionType RepetitionTime EchoTime InversionTime EchoNumbers
EchoTrainLength FlipAngle MagneticFieldStrength ImagingFrequency NumberOfAverages TemporalPositionIdentifier
EffectiveEchoTime SharedFunctionalGroupsSequence PerFrameFunctionalGroupsSequence PixelMeasuresSequence
PlanePositionSequence PlaneOrientationSequence PixelValueTransformationSequence FrameVOILUTSequence
FrameContentSequence StackID InStackPositionNumber TemporalPositionIndex DimensionIndexValues FrameAcquisitionNumber
MRTimingAndRelatedParametersSequence MRModifierSequence InversionRecovery InversionTimes SpectrallySelectedSuppression
CTReconstructionSequence MREchoSequence MRImageFrameTypeSequence CTImageFrameTypeSequence FrameType PixelPresentation
VolumetricProperties VolumeBasedCalculationTechnique ComplexImageComponent AcquisitionContrast ContentQualification
DimensionOrganizationSequence DimensionIndexSequence DimensionIndexPointer FunctionalGroupPointer
"""
_KEPT = _NEW_IDENTIFIERS.union(_KEPT_WORDS.split())
_EMPTY = ("PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "StudyID", "AccessionNumber",
          "ReferringPhysicianName")
#: Largest length of a pseudonym, one less than that of a name; characters that separate values or parts of a name.
_LONGEST, _MARKS = 63, set("\\^=")
#: De-identification method that the copies state.
METHOD = "Only what is needed to read and measure the images was kept"


def check_pseudonym(pseudonym: str) -> None:
    """Refuse a pseudonym that DICOM would split into parts or cut.

    :raises Problem: if it is empty, too long, not printable, or contains separators of DICOM.
    """
    if not pseudonym:
        raise Problem(_("Give a pseudonym for the patient. Nothing was written."))
    if len(pseudonym) > _LONGEST or set(pseudonym) & _MARKS or not pseudonym.isprintable():
        raise Problem(_("Choose a pseudonym of up to {longest} letters, numbers and spaces, without \\ ^ = and line "
                        "breaks, which have a meaning in DICOM. Nothing was written.").format(longest=_LONGEST))


def deidentified(images: Sequence[Dataset], pseudonym: str, secret: str | None = None) -> list[Dataset]:
    """Return copies of the images of one series under a pseudonym, with new identifiers throughout.

    :param images: data sets, with or without pixels; they are not changed.
    :param pseudonym: replacement for the patient's name and ID.
    :param secret: secret from which the new identifiers are derived. With the same secret, several series of a study
        stay together. By default it is random, so that the original images cannot be found by the identifiers.
    """
    secret = secret or secrets.token_hex(32)
    return [_under_pseudonym(_kept(image, secret), pseudonym) for image in images]


def _kept(dataset: Dataset, secret: str) -> Dataset:
    """Return the fields of a data set, and of the data sets within it, that are kept."""
    from pydicom import Dataset, Sequence
    from pydicom.uid import generate_uid

    kept = Dataset()
    for element in dataset:
        if element.keyword not in _KEPT:
            continue
        if element.keyword in _NEW_IDENTIFIERS:
            setattr(kept, element.keyword, generate_uid(entropy_srcs=[secret, str(element.value)]))
        elif element.VR == "SQ":
            setattr(kept, element.keyword, Sequence(_kept(item, secret) for item in element.value))
        else:
            kept[element.tag] = element
    return kept


def _under_pseudonym(image: Dataset, pseudonym: str) -> Dataset:
    from pydicom import Dataset, Sequence

    image.SpecificCharacterSet = UNICODE  # else letters that the default set lacks would become question marks
    image.PatientName, image.PatientID = f"{pseudonym}^", pseudonym
    for keyword in _EMPTY:
        setattr(image, keyword, "")
    image.PatientIdentityRemoved, image.DeidentificationMethod = "YES", METHOD
    image.LongitudinalTemporalInformationModified = "REMOVED"
    profile = Dataset()
    profile.CodeValue, profile.CodingSchemeDesignator = "113100", "DCM"
    profile.CodeMeaning = "Basic Application Confidentiality Profile"
    image.DeidentificationMethodCodeSequence = Sequence([profile])
    return image
