"""Images of a series without anything of the patient: what is not known to be harmless is left out.

Follows the Basic Application Level Confidentiality Profile (DICOM PS3.15, annex E), stricter: instead of removing what
may identify, only what is needed to read and measure the images is kept. Dates and texts that people type go.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING

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
MREchoSequence MRImageFrameTypeSequence CTImageFrameTypeSequence FrameType PixelPresentation VolumetricProperties
VolumeBasedCalculationTechnique ComplexImageComponent AcquisitionContrast ContentQualification
DimensionOrganizationSequence DimensionIndexSequence DimensionIndexPointer FunctionalGroupPointer
"""
_KEPT = _NEW_IDENTIFIERS.union(_KEPT_WORDS.split())
_EMPTY = ("PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "StudyID", "AccessionNumber",
          "ReferringPhysicianName")
#: Letters of a pseudonym at most, one less than those of a name; marks that part values, or a name.
_LONGEST, _MARKS = 63, set("\\^=")
#: What copies say of how they were made.
METHOD = "Only what is needed to read and measure the images was kept"


def check_pseudonym(pseudonym: str) -> None:
    """Refuse a pseudonym that DICOM would split into parts or cut.

    :raises Problem: if it is empty, too long for a name of which a mark is part, or holds marks of DICOM.
    """
    if not pseudonym:
        raise Problem(_("Give a pseudonym for the patient. Nothing was written."))
    if len(pseudonym) > _LONGEST or set(pseudonym) & _MARKS or not pseudonym.isprintable():
        raise Problem(_("Choose a pseudonym of up to {longest} letters, numbers and spaces, without \\ ^ = and line "
                        "breaks, which have a meaning in DICOM. Nothing was written.").format(longest=_LONGEST))


def deidentified(images: Sequence[Dataset], pseudonym: str, secret: str | None = None) -> list[Dataset]:
    """Return copies of the images of one series under a pseudonym, with new identifiers throughout.

    :param images: data sets, with or without pixels; they stay as they are.
    :param pseudonym: takes the place of the patient's name and ID.
    :param secret: same secret, same new identifiers, so that several series of a study stay together; random by
        default, so that nobody can tell which images they were.
    """
    secret = secret or secrets.token_hex(32)
    return [_under_pseudonym(_kept(image, secret), pseudonym) for image in images]


def _kept(dataset: Dataset, secret: str) -> Dataset:
    """What of a data set, and of those within it, is kept."""
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

    image.SpecificCharacterSet = "ISO_IR 192"  # else letters that the default set lacks would become question marks
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
