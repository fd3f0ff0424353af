"""Whether the scan shows the orbits, and all of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np

from NeuroOrbitLib.anatomy.structures import Side, label_name, structure_of
from NeuroOrbitLib.sentences import sentence as _
from OrbitSegmentationLib.quality.notices import Notice, warning

#: Share of an orbit's box below which the scan is said not to show the whole orbit.
WHOLE_ORBIT = 0.9
#: Share of an eyeball and its bed that may be empty; a removed face takes more.
MOST_EMPTIED = 0.02
#: Brain is brighter than the air of the sinuses by 0.2 to 0.6 of the range; the other way round, a scan stands upside
#: down.
DARKER_ABOVE = -0.15


def modality_notices(modality: str, is_ct: bool) -> list[Notice]:
    """A notice about a scan that is of another modality than what the model was trained on.

    :param modality: as the model says: "CT", "MRI", or both in other words.
    """
    found = "CT" if is_ct else "MRI"
    if modality not in ("CT", "MRI") or modality == found:
        return []
    return [warning(_("This model was trained on {modality}, but the scan looks like {found}. Do not use this "
                      "result; choose a model for both, or another scan.").format(modality=modality, found=found))]


def coverage_notices(seen: Mapping[Side, float], side_is_unsure: bool = False) -> list[Notice]:
    """Notices about orbits that were not found or are not wholly in the scan.

    :param seen: for each orbit that was found, the share of its surroundings that the scan shows.
    :param side_is_unsure: whether nothing but its anatomy tells the side of a lone orbit.
    """
    notices = [_missing_eye(side, bool(seen), side_is_unsure) for side in Side if side not in seen]
    notices += [warning(_("The scan does not show the whole {side} orbit: volumes of cut structures are too "
                          "small.").format(side=side.word)) for side, share in seen.items() if share < WHOLE_ORBIT]
    return notices


def _missing_eye(side: Side, other_was_found: bool, side_is_unsure: bool) -> Notice:
    names = {"side": side.word, "other": side.other.word}
    if not other_was_found:
        return warning(_("The {side} eye was not found. If it is in the scan, segment it by hand.").format(**names))
    if side_is_unsure:
        return warning(_("The {side} eye was not found, and the side of the other one is uncertain: the scan is too "
                         "narrow to show both, so only the anatomy of the orbit says that it is the {other} one. "
                         "Check the side.").format(**names))
    return warning(_("The {side} eye was not found. If it is in the scan, segment it by hand. Check that the one that "
                     "was found is the {other} one.").format(**names))


def socket_notices(without_eye: Collection[Side]) -> list[Notice]:
    """Return a notice about each orbit in which the scan shows fat in the place of the eye.

    :param without_eye: their sides.
    """
    return [warning(_("The {side} eye is missing: what is in its place looks like fat, as after its removal. No "
                      "eyeball was drawn there, and nothing is measured from it. If there is an eye, segment it by "
                      "hand.").format(side=side.word)) for side in Side if side in without_eye]


def _sides_in_words(sides: Sequence[Side]) -> str:
    return sides[0].word if len(sides) == 1 else _("right and left")


def blur_notices(blurred: Collection[Side]) -> list[Notice]:
    """One notice about a face that was blurred, if it was.

    :param blurred: the sides on which it was.
    """
    if not blurred:
        return []
    sides = _sides_in_words([side for side in Side if side in blurred])
    return [warning(_("The face in front of the {sides} eye is blurred, as it is done to make a scan anonymous. "
                      "Nothing can be seen there, so nothing is drawn there. Do not use the volumes of what is cut; "
                      "use the scan from before the blurring if there is one.").format(sides=sides))]


def defacing_notices(emptied: Mapping[Side, float]) -> list[Notice]:
    """One notice about eyes that were cut when the face was removed from the scan, if there are any.

    :param emptied: for each orbit, the share of its eyeball and what lies around it where the image is empty.
    """
    sides = [side for side, share in emptied.items() if share > MOST_EMPTIED]
    if not sides:
        return []
    return [warning(_("The image is empty in or right beside the {sides} eyeball, as after removal of the face. Do "
                      "not use the volumes of what is cut; use the scan from before the removal if there is "
                      "one.").format(sides=_sides_in_words(sides)))]


def upside_down_notices(above: Iterable[float | None]) -> list[Notice]:
    """A notice about a scan that seems to be stored upside down.

    :param above: for each orbit, how much brighter it is above than below, see
        :class:`~OrbitSegmentationLib.any_contrast.orbit_facts.OrbitFacts`.
    """
    known = [value for value in above if value is not None]
    if not known or float(np.mean(known)) > DARKER_ABOVE:
        return []
    return [warning(_("Above the eyes this scan is darker than below them, as if it were stored upside down. Check "
                      "that the head is at the top; if it is not, correct the orientation and segment again. With "
                      "filled maxillary sinuses a scan may look so, too."))]


def cut_notices(cut: Collection[int]) -> list[Notice]:
    """One notice about the structures that reach the edge of what the scan shows, if there are any.

    :param cut: their label values.
    """
    names = [label_name(value) for value in sorted(cut) if _ends(value)]
    if not names:
        return []
    return [warning(_("Cut off at the edge of the scan: {cut}. Their volumes are too small.").format(cut=names))]


def _ends(value: int) -> bool:
    """Whether a structure lies in the orbit and ends there: fat and bone reach the edge of many scans."""
    return structure_of(value).group not in ("fat", "bone")
