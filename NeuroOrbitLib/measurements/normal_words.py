"""The translatable texts of the published normal values; a test compares them with the files.

Names of authors and journals are not translated.
"""

from __future__ import annotations

from NeuroOrbitLib.sentences import Sentence
from NeuroOrbitLib.sentences import sentence as _

_TEXTS: tuple[Sentence, ...] = (
    _("Australian adults, CT"),
    _("calliper perpendicular to the belly, axial or coronal slices"),
    _("Rana et al., Orbit 2022 (CT, Australian adults)"),
    _("Turkish adults, MRI, male"),
    _("calliper perpendicular to the belly; superior rectus without levator"),
    _("Kılıç Şafak and Tepecik 2024, Tomography 10(11):1706"),
    _("Turkish adults, MRI, female"),
    _("Turkish adults, CT (mean ± 2 SD)"),
    _("calliper, axial and coronal slices"),
    _("Ozgen and Ariyurek 1998, AJR 170:1093"),
    _("Korean adults, CT"),
    _("Lee et al. 2001, Acta Ophthalmol Scand"),
    _("Chinese adults, 3 T MRI"),
    _("calliper and traced area in coronal slices at the globe's back, 7 mm behind it and where greatest"),
    _("Shen et al., PubMed 19643971"),
    _("areas were traced in coronal slices, here they are taken across each muscle's own line"),
    _("Chinese adults, CT, male"),
    _("sum of voxels; fat by density; orbit closed in front by the plane of its rims"),
    _("J Ophthalmol 2019, doi:10.1155/2019/9721085"),
    _("Chinese adults, CT, female"),
    _("Chinese adults, CT, male, volume of the muscles"),
    _("Chinese adults, CT, female, volume of the muscles"),
    _("which muscles were outlined there is not quoted; the published volumes of single muscles add up to nearly twice "
      "as much"),
    _("Korean adults, CT, position of the eye"),
    _("axial slice, from the line between the lateral rims to the cornea"),
    _("Koo et al. 1988, J Korean Radiol Soc 24(4):530 (38 eyes)"),
    _("exophthalmos ends at the cornea in one axial slice there, here at the globe's frontmost point in the head's "
      "plane"),
    _("Turkish adults, MRI, male, distance of the lateral rims"),
    _("axial slice, rim to rim"),
    _("the rims of the bone were measured there, here the front ends of the orbits' contents, which lie nearer to each "
      "other"),
    _("Turkish adults, MRI, female, distance of the lateral rims"),
    _("Healthy adults, MRI, optic nerve sheath"),
    _("across the nerve 3 mm behind the globe"),
    _("Kim et al. 2018, J Clin Neurol 14(3):345 (sheath of 4.71 mm, interval of the mean 4.66 to 4.75)"),
    _("Healthy adults, CT, optic nerve sheath 3 mm behind the globe"),
    _("Healthy adults, CT, optic nerve sheath 10 mm behind the globe"),
    _("across the nerve 8 mm behind the globe"),
    _("Vaiman et al. 2015, Int J Ophthalmol 8(6):1240 (mean of right and left)"),
    _("the sheath was measured 8 mm behind the globe there, here 10 mm behind it"),
    _("Australian adults, MRI, lacrimal gland"),
    _("length and width in axial and coronal slices"),
    _("Rana et al. 2023, Orbit 42(2):157 (mean of right and left); standard deviations are not quoted"),
    _("Healthy adults, MRI, superior rectus and levator together"),
    _("sum of voxels"),
    _("J Neuromuscul Dis 2023, jnd230023"),
    _("Two readers, 35 CT scans"),
    _("Nikolov et al. 2018, arXiv:1809.04430"),
    _("Nikolov 2018, arXiv:1809.04430: two readers, 35 CT scans"),
    _("J Clin Neurol 2018, doi:10.3988/jcn.2018.14.3.345: sheath of 4.7 mm; over 28 mm"),
    _("Int J Ophthalmol 2015, 8(6):1240: sheath of 5.1, 4.4 and 3.6 mm from front to back; over 28 mm"),
    _("J Neuromuscul Dis 2023, jnd230023: MRI, superior rectus and levator together"),
    _("Clark and Demer 2016, PMC4790472: MRI, relaxed muscles; derived from the change with gaze"),
    _("textbook range, no single source"),
    _("J Ophthalmol 2019, doi:10.1155/2019/9721085: CT"),
)
_BY_TEXT = {str(text): text for text in _TEXTS}


def words_of(text: str) -> str:
    """Return a text of the files as a translatable sentence; other texts are returned unchanged."""
    return _BY_TEXT.get(text, text)
