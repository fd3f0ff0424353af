"""The regions by which lesions are named, with their codes and colours."""

from __future__ import annotations

from enum import Enum

from NeuroOrbitLib.sentences import Sentence
from NeuroOrbitLib.sentences import sentence as _


class Region(Enum):
    """Region of a lesion; its value is its name in tables."""

    PERIVENTRICULAR = "periventricular"
    JUXTACORTICAL = "juxtacortical/cortical"
    DEEP_WHITE_MATTER = "deep white matter"
    INFRATENTORIAL = "infratentorial"
    CALLOSAL = "corpus callosum"
    DEEP_GREY = "deep grey matter"
    PERIEPENDYMAL = "periependymal of third or fourth ventricle"


#: Displayed name of each region.
REGION_WORDS: dict[Region, Sentence] = {
    Region.PERIVENTRICULAR: _("periventricular"),
    Region.JUXTACORTICAL: _("juxtacortical/cortical"),
    Region.DEEP_WHITE_MATTER: _("deep white matter"),
    Region.INFRATENTORIAL: _("infratentorial"),
    Region.CALLOSAL: _("corpus callosum"),
    Region.DEEP_GREY: _("deep grey matter"),
    Region.PERIEPENDYMAL: _("periependymal of third or fourth ventricle"),
}

#: Codes of a lesion in DICOM: category and type.
LESION_CATEGORY = ("SCT", "49755003", "Morphologically Altered Structure")
LESION_TYPE = ("DCM", "110702", "White Matter T2 Hyperintensity")
#: Anatomic region (SNOMED CT) of each region's segment; a larger structure if no code covers exactly the region.
REGION_CODES = {
    Region.PERIVENTRICULAR: ("SCT", "66720007", "Lateral ventricle"),
    Region.JUXTACORTICAL: ("SCT", "68523003", "Cerebral white matter"),
    Region.DEEP_WHITE_MATTER: ("SCT", "68523003", "Cerebral white matter"),
    Region.INFRATENTORIAL: ("SCT", "12738006", "Brain"),
    Region.CALLOSAL: ("SCT", "88442005", "Corpus callosum"),
    Region.DEEP_GREY: ("SCT", "12738006", "Brain"),
    Region.PERIEPENDYMAL: ("SCT", "12738006", "Brain"),
}

#: Colours of the regions (red, green, blue, 0 to 1).
REGION_COLORS = {
    Region.PERIVENTRICULAR: (0.90, 0.62, 0.0),
    Region.JUXTACORTICAL: (0.34, 0.71, 0.91),
    Region.DEEP_WHITE_MATTER: (0.94, 0.89, 0.26),
    Region.INFRATENTORIAL: (0.80, 0.47, 0.65),
    Region.CALLOSAL: (0.84, 0.37, 0.0),
    Region.DEEP_GREY: (0.0, 0.62, 0.45),
    Region.PERIEPENDYMAL: (0.60, 0.30, 0.90),
}
