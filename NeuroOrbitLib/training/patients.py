"""Rules that decide which spellings of an identifier mean the same patient.

Two spellings mean the same patient if they differ only in upper and lower case, composed or decomposed letters,
full-width letters and ligatures, digits of other scripts, invisible characters, and spaces, hyphens or underscores.
Spellings that differ only by leading zeros (``P1``, ``P01``) or by letters of another alphabet that look alike may mean
one patient or two. They are refused, since a wrong guess could put one patient on both sides of a split.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from NeuroOrbitLib.problem import Problem

_SEPARATORS = r"[\s_\-\u2010-\u2015\u2212]+"
#: A name that ends with what may be a visit, an eye or a sequence: P01_T1, 12-ses-02, sub-03 left.
_WITH_VISIT = re.compile(r"(.*\d)[\s_\-.]+[^\W\d_]+[\s_\-.]?\d*")
#: More patients whose names begin alike are those of one hospital (C1_P005).
_MOST_VISITS = 6
#: Patients that a notice names.
_MOST_NAMED = 6
_LOOKALIKES = str.maketrans("авекмнорстухіјѕԁαβεηικνορτυχ", "abekmhopctyxijsdabenikvoptux")


def clean_spelling(text: str) -> str:
    """Return an identifier without invisible characters and superfluous spaces, in composed letters of normal width."""
    visible = "".join(letter for letter in unicodedata.normalize("NFKC", text) if not _is_invisible(letter))
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", visible)).strip()


def patient_key(text: str) -> str:
    """Return a key that is equal for all spellings of one patient; empty if the text has no visible character.

    Separators are significant only between two digits: ``1-11`` and ``11-1`` are two patients, ``P 1`` and ``P1`` are
    one.
    """
    folded = unicodedata.normalize("NFKC", clean_spelling(text).casefold())
    folded = "".join(str(unicodedata.decimal(letter, letter)) for letter in folded)
    joined = re.sub(rf"(?<=\d){_SEPARATORS}(?=\d)", "\0", folded)
    return re.sub(_SEPARATORS, "", joined).replace("\0", "-")


def one_spelling_each(spellings: Sequence[str]) -> list[str]:
    """Return, for each spelling, the one that stands for the patient: the first in the alphabet, cleaned.

    It does not depend on the order of the spellings, and so neither does the patient's fold, which follows from it.

    :raises Problem: if two spellings may mean one patient or two; the message names both.
    """
    first: dict[str, str] = {}
    for spelling in map(clean_spelling, spellings):
        key = patient_key(spelling)
        first[key] = min(spelling, first.get(key, spelling))
    _refuse_doubtful(first)
    return [first[patient_key(spelling)] for spelling in spellings]


def merged_spellings(spellings: Sequence[str]) -> list[str]:
    """Return a line about each patient who is spelled in several ways, for the user to check."""
    groups: dict[str, list[str]] = {}
    for spelling in spellings:
        group = groups.setdefault(patient_key(spelling), [])
        if spelling not in group:
            group.append(spelling)
    return [f"{', '.join(map(ascii, group))} are taken for one patient" for group in groups.values() if len(group) > 1]


def possible_visits(patients: Sequence[str]) -> list[str]:
    """Return a line about patients who may be visits of one patient by their names (``P01_T1``, ``P01_T2``).

    Nobody can tell: they stay different patients, and the user is to check. Numbers at the end (``P01_1``) say nothing.
    """
    groups: dict[str, list[str]] = {}
    for name in dict.fromkeys(patients):
        whose = name
        while found := _WITH_VISIT.fullmatch(whose):
            whose = found[1]
        groups.setdefault(patient_key(whose), []).append(name)
    doubtful = [name for group in groups.values() if 1 < len(group) <= _MOST_VISITS for name in group]
    if not doubtful:
        return []
    named = ", ".join(doubtful[:_MOST_NAMED]) + (", …" if len(doubtful) > _MOST_NAMED else "")
    return [f"{named} count as different patients, who may be learned from and judged on. Where they are scans of one "
            "patient, give them one name in the column patient of a table."]


def _refuse_doubtful(first: dict[str, str]) -> None:
    seen: dict[str, str] = {}
    for key, spelling in first.items():
        alike = re.sub(r"(?<!\d)0+(?=\d)", "", key.translate(_LOOKALIKES))
        if alike in seen:
            raise Problem(f"The patients {seen[alike]!r} and {spelling!r} differ only by leading zeros or by letters "
                          "that look alike. Write them alike if they are one patient; else give them names that differ "
                          "otherwise.")
        seen[alike] = spelling


def _is_invisible(letter: str) -> bool:
    is_selector = "\ufe00" <= letter <= "\ufe0f" or letter in "\u034f\u115f\u1160\u3164\uffa0\u2800"
    return is_selector or (unicodedata.category(letter) in ("Cf", "Cc", "Cn") and not letter.isspace())
