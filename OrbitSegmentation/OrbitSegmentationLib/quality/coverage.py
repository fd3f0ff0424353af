"""Checks that the scan shows both orbits completely."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np

from NeuroOrbitLib.anatomy.structures import Side, label_name, structure_of
from NeuroOrbitLib.sentences import sentence as _
from OrbitSegmentationLib.quality.notices import Notice, warning

#: Share of an orbit's surroundings in the scan below which a notice says that the orbit is incomplete.
WHOLE_ORBIT = 0.9
#: Largest share of an eyeball and its bed that may be empty; after removal of the face it is larger.
MOST_EMPTIED = 0.02
#: Difference in brightness above and below the orbits under which a scan seems to be upside down: brain is brighter
#: than the air of the sinuses by 0.2 to 0.6 of the range.
DARKER_ABOVE = -0.15


def modality_notices(modality: str, is_ct: bool) -> list[Notice]:
    """Return a notice if the scan is of another modality than the training images of the model; else none.

    :param modality: modality of the model: "CT", "MRI", or another text for both.
    :param is_ct: whether the scan is a CT; otherwise it is an MRI.
    """
    found = "CT" if is_ct else "MRI"
    if modality not in ("CT", "MRI") or modality == found:
        return []
    return [warning(_("This model was trained on {modality}, but the scan looks like {found}. Do not use this "
                      "result; choose a model for both, or another scan.").format(modality=modality, found=found))]


def coverage_notices(seen: Mapping[Side, float], side_is_unsure: bool = False) -> list[Notice]:
    """Return notices about orbits that were not found, or are not completely in the scan.

    :param seen: share (0 to 1) of the surroundings that the scan shows, for each orbit that was found.
    :param side_is_unsure: whether the side of a lone orbit is known only from its anatomy.
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
    """Return a notice about each orbit in which the scan shows fat instead of an eye.

    :param without_eye: sides of these orbits.
    """
    return [warning(_("The {side} eye is missing: what is in its place looks like fat, as after its removal. No "
                      "eyeball was drawn there, and nothing is measured from it. If there is an eye, segment it by "
                      "hand.").format(side=side.word)) for side in Side if side in without_eye]


def _sides_in_words(sides: Sequence[Side]) -> str:
    return sides[0].word if len(sides) == 1 else _("right and left")


def blur_notices(blurred: Collection[Side]) -> list[Notice]:
    """Return one notice if the face was blurred; else none.

    :param blurred: sides on which it was blurred.
    """
    if not blurred:
        return []
    sides = _sides_in_words([side for side in Side if side in blurred])
    return [warning(_("The face in front of the {sides} eye is blurred, as it is done to make a scan anonymous. "
                      "Nothing can be seen there, so nothing is drawn there. Do not use the volumes of what is cut; "
                      "use the scan from before the blurring if there is one.").format(sides=sides))]


def defacing_notices(emptied: Mapping[Side, float]) -> list[Notice]:
    """Return one notice about eyes that were cut when the face was removed from the scan; none without such eyes.

    :param emptied: share (0 to 1) of each eyeball and its surroundings in which the image is empty, by side.
    """
    sides = [side for side, share in emptied.items() if share > MOST_EMPTIED]
    if not sides:
        return []
    return [warning(_("The image is empty in or right beside the {sides} eyeball, as after removal of the face. Do "
                      "not use the volumes of what is cut; use the scan from before the removal if there is "
                      "one.").format(sides=_sides_in_words(sides)))]


def upside_down_notices(above: Iterable[float | None]) -> list[Notice]:
    """Return a notice if the scan seems to be stored upside down; else none.

    :param above: brightness above each orbit minus that below it, or ``None`` if it is not known, see
        :class:`~OrbitSegmentationLib.any_contrast.orbit_facts.OrbitFacts`.
    """
    known = [value for value in above if value is not None]
    if not known or float(np.mean(known)) > DARKER_ABOVE:
        return []
    return [warning(_("Above the eyes this scan is darker than below them, as if it were stored upside down. Check "
                      "that the head is at the top; if it is not, correct the orientation and segment again. With "
                      "filled maxillary sinuses a scan may look so, too."))]


def cut_notices(cut: Collection[int]) -> list[Notice]:
    """Return one notice about structures that are cut off at the edge of the scan; none without such structures.

    :param cut: label values of the structures that reach the edge; fat and bone are ignored.
    """
    names = [label_name(value) for value in sorted(cut) if _ends(value)]
    if not names:
        return []
    return [warning(_("Cut off at the edge of the scan: {cut}. Their volumes are too small.").format(cut=names))]


def _ends(value: int) -> bool:
    """Return whether a structure ends within the orbit, unlike fat and bone, which reach the edge of many scans."""
    return structure_of(value).group not in ("fat", "bone")
