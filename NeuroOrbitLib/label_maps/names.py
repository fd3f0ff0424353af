"""Translation of other projects' names for structures of the orbit into the vocabulary.

Covered are plain English and Latin names, abbreviations (ON, MR, SOM), and the names of TotalSegmentator
(``eye_lens_left``), of AAPM TG-263 in radiotherapy (``OpticNrv_L``), and of TOM500.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from NeuroOrbitLib.anatomy.structures import Side, structure

_RIGHT = ("right", "r", "rt", "od", "dexter", "dextra", "dextrum", "dex", "rechts", "rechter", "rechtes")
_LEFT = ("left", "l", "lt", "os", "sinister", "sinistra", "sinistrum", "sin", "links", "linker", "linkes")
_BOTH = ("both", "bilateral", "ou", "lr", "rl")
_FILLERS = ("muscle", "muscles", "musc", "m", "musculus", "mask", "seg", "segmentation", "label", "roi", "complex",
            "the", "of", "structure", "eom")
_NAMES = {
    "eyeball": "eyeball eye globe oculus bulbus bulbusoculi ocularglobe eyeglobe globus augapfel auge bulb",
    "lens": "lens eyelens crystallinelens lensofeye lenseye lensoculi linse",
    "optic_nerve": "opticnerve on opticnrv nervusopticus opt nopticus opticus optnerve optnrv cnii cn2 opticn sehnerv "
                   "opticnervesheath",
    "superior_rectus": "superiorrectus sr rectussuperior suprectus superiorrectuslevator srlps srl srlevator srm "
                       "superiorrectuslevatorpalpebraesuperioris superiorrectuslevatorpalpebrae superiorrectuslps "
                       "superiormusclecomplex rectussup smc",
    "inferior_rectus": "inferiorrectus ir rectusinferior infrectus irm rectusinf",
    "medial_rectus": "medialrectus mr rectusmedialis medrectus mrm rectusmed internalrectus nasalrectus",
    "lateral_rectus": "lateralrectus rectuslateralis latrectus lrm rectuslat externalrectus temporalrectus",
    "superior_oblique": "superioroblique so obliquussuperior supoblique som obliquesuperior obliquussup",
    "inferior_oblique": "inferioroblique io obliquusinferior infoblique iom obliqueinferior obliquusinf",
    "lacrimal_gland": "lacrimalgland lacrimal lg lachrymalgland glndlacrimal glandulalacrimalis lacrgland tearsgland "
                      "glandlacrimal tränendrüse",
    "orbital_fat": "orbitalfat fat orbfat intraorbitalfat retrobulbarfat fatorbital fett",
    "bony_orbit": "bonyorbit orbita orbitalcavity orbitalbone orbitbone",
    "optic_chiasm": "opticchiasm chiasm chiasma opticchiasma chiasmaopticum optchiasm opticchsm chiasmopticum",
}
#: Parts that other projects label separately and that belong to a larger structure of the vocabulary.
_PARTS = {"levatorpalpebraesuperioris": "superior_rectus", "levatorpalpebrae": "superior_rectus",
          "levator": "superior_rectus", "lps": "superior_rectus"}
_STRUCTURE_OF = {name: key for key, names in _NAMES.items() for name in names.split()}
_GROUPS = ("extraocular", "extraocularmuscles", "eoms", "eyemuscles", "recti", "rectus", "rectusmuscles", "obliques",
           "oblique", "extraocularmuscle", "eyemuscle", "eom", "ocularmuscles")
#: Names of values that are to be read as background.
IGNORED = ("ignore", "ignored", "background", "none", "other", "clearlabel", "unlabeled", "unlabelled", "bg",
           "hintergrund")
#: Words for structures outside of the orbit in datasets of heads, which are read as background.
_ELSEWHERE = ("brain", "brainstem", "cochlea", "parotid", "submandibular", "mandible", "pituitary", "spinal", "skull",
              "nasopharynx", "oropharynx", "hypopharynx", "palate", "thyroid", "carotid", "jugular", "larynx",
              "esophagus", "oesophagus", "teeth", "tongue", "sinus", "auditory", "masseter", "cerebellum",
              "cartilage", "tumor", "tumour", "gtv", "ctv", "ptv", "lesion", "lips", "oral", "maxilla",
              "hippocampus", "zygomatic")


@dataclass(frozen=True)
class Meaning:
    """The meaning of a label value of another project.

    :param key: key of the structure in the vocabulary.
    :param side: side of the patient; None for an unpaired structure, or if the name does not give it.
    :param is_part: whether it is only a part, to be joined with the rest of the structure.
    """

    key: str
    side: Side | None
    is_part: bool = False

    @property
    def needs_side(self) -> bool:
        """Whether the structure is paired, but the name gives no side."""
        return self.side is None and structure(self.key).left is not None


def is_ignored(name: str) -> bool:
    """Return whether a name means background or a structure outside of the orbit."""
    tokens = _tokens(name)
    return "".join(tokens) in IGNORED or any(token in _ELSEWHERE for token in tokens)


def is_muscle_group(name: str) -> bool:
    """Return whether a name means several eye muscles at once, which the vocabulary does not have."""
    _side, rest = _split_side(_tokens(name))
    return "".join(rest) in _GROUPS


def meaning_of(name: str) -> Meaning | None:
    """Return the meaning of a name such as ``LR_left``, ``Eye_R`` or ``left globe``; None if it is not known."""
    tokens = _tokens(name)
    exact = _unsided("".join(tokens))
    if exact is not None and not (len(tokens) == 1 and tokens[0] in ("os", "od")):
        return exact
    if tokens == ["lr"]:
        return Meaning("lateral_rectus", None)
    side, rest = _split_side(tokens)
    found = _of_words(rest)
    if found is None and len(tokens) == 1 and tokens[0][:1] in ("l", "r"):
        side, found = (Side.LEFT if tokens[0][0] == "l" else Side.RIGHT), _of_words([tokens[0][1:]])
        if found is None or len(tokens[0]) > 4:
            return None
    if found is None:
        return None
    return found if structure(found.key).left is None else Meaning(found.key, side, found.is_part)


def _of_words(words: list[str]) -> Meaning | None:
    if words == ["lr"]:
        return Meaning("lateral_rectus", None)
    return _unsided("".join(words)) or _unsided("".join(word for word in words if word not in _FILLERS))


def _unsided(joined: str) -> Meaning | None:
    for name in (joined, joined.removesuffix("s")):
        if name in _STRUCTURE_OF:
            return Meaning(_STRUCTURE_OF[name], None)
        if name in _PARTS:
            return Meaning(_PARTS[name], None, is_part=True)
    return None


def _split_side(tokens: list[str]) -> tuple[Side | None, list[str]]:
    """Return the side in a name and the other words; no side if it gives none, both or a contradiction."""
    sides = {Side.RIGHT for token in tokens if token in _RIGHT} | {Side.LEFT for token in tokens if token in _LEFT}
    rest = [token for token in tokens if token not in (*_RIGHT, *_LEFT)]
    if not sides and len(tokens) > 1:
        rest = [token for token in rest if token not in _BOTH or token == "lr"]
    if len(sides) == 2:
        return None, ["?"]
    return next(iter(sides), None), rest


def _tokens(name: str) -> list[str]:
    """Return the words of a name in lower case, e.g. optic, nrv, l for ``OpticNrv_L``."""
    plain = unicodedata.normalize("NFKC", name)
    words = re.findall(r"[A-ZÄÖÜ]+(?=[A-ZÄÖÜ][a-zäöü]{2,})|[A-ZÄÖÜ]?[a-zäöüß]+|[A-ZÄÖÜ]+|\d+", plain)
    return [word.casefold() for word in words]
