"""Translation of label maps of other projects into the label values of this product's vocabulary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from NeuroOrbitLib.anatomy.structures import BACKGROUND, Side, label_name, structure
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.label_maps.files import label_file_beside, read_label_names
from NeuroOrbitLib.label_maps.names import Meaning, is_ignored, is_muscle_group, meaning_of
from NeuroOrbitLib.label_maps.plausibility import check_values, contradictions, listed, values_in
from NeuroOrbitLib.label_maps.sides import Midplane, midplane_between, midplane_of_eyes, split_by_side
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

#: Number of different values above which a file is considered an image instead of a label map.
MOST_VALUES = 250
_WHAT_TO_WRITE = (_("Name each value: in nnU-Net's dataset.json beside the label map, or for training in a file "
                    "--labels with lines such as '1,right eyeball', '2,left optic nerve', '3,lens' for both sides, or "
                    "'4,ignore' for what is to be background."))


@dataclass(frozen=True)
class LabelMapping:
    """The meanings of the values in a project's label maps.

    :param source: name of the file that defines the values, for messages.
    :param meanings: pairs (value, meaning) of all values; the meaning of background is None.
    """

    source: str
    meanings: tuple[tuple[int, Meaning | None], ...]

    @property
    def structures(self) -> frozenset[str]:
        """Keys of the structures that are labelled."""
        return frozenset(meaning.key for _value, meaning in self.meanings if meaning is not None)

    def apply(self, labels: Image) -> Image:
        """Return a label map in the vocabulary's values, uint8; labels without a side are split by position.

        :param labels: label map in the project's values.
        :raises Problem: if a value has no meaning, or right and left cannot be distinguished.
        """
        meanings, values = dict(self.meanings), values_in(labels)
        unknown = [value for value in values if value not in meanings]
        if unknown:
            raise Problem(_("the label map has values that {source} does not name ({listed}; all values: "
                            "{listed_2}). {what_to_write}").format(
                source=self.source, listed=listed(unknown), listed_2=listed(values), what_to_write=_WHAT_TO_WRITE))
        found = {value: meanings[value] for value in values if meanings[value] is not None}
        result = np.zeros(labels.array.shape, dtype=np.uint8)
        plane = _midplane(labels, found) if any(meaning.needs_side for meaning in found.values()) else None
        for value, meaning in found.items():
            mask = labels.array == value
            if plane is None or not meaning.needs_side:
                result[mask] = structure(meaning.key).value(meaning.side)
                continue
            name = structure(meaning.key).name
            for side, half in split_by_side(mask, labels.grid, plane, name).items():
                result[half] = structure(meaning.key).value(side)
        return labels.with_array(result)


def mapping_from_names(names: Mapping[int, str], source: str) -> LabelMapping:
    """Return the meanings of label values according to their names.

    :param names: name of each label value.
    :param source: name of the file with the names, for messages.
    :raises Problem: if names are not understood, or two values mean the same; the message lists them.
    """
    eyes = {name.strip().casefold() for name in names.values()} >= {"os", "od"}
    meanings: dict[int, Meaning | None] = {}
    unknown = []
    for value, name in names.items():
        meaning = _eye(name) if eyes and _eye(name) else meaning_of(name)
        if value == BACKGROUND or (meaning is None and is_ignored(name)):
            meanings[value] = None
        elif meaning is None:
            unknown.append(f"{value} ({name!r}{', several muscles in one' if is_muscle_group(name) else ''})")
        else:
            meanings[value] = meaning
    if unknown:
        raise Problem(_("{source}: what these values mean cannot be told from their names: {unknown}. "
                        "{what_to_write}").format(source=source, unknown=unknown[:12], what_to_write=_WHAT_TO_WRITE))
    _refuse_doubles(meanings, names, source)
    meanings.setdefault(BACKGROUND, None)
    return LabelMapping(source, tuple(sorted(meanings.items(), key=lambda pair: pair[0])))


def read_mapping(path: Path) -> LabelMapping:
    """Return the meanings of label values from a file of names, see :func:`~.files.read_label_names`.

    :raises Problem: if the file cannot be read or its names are not understood.
    """
    return mapping_from_names(read_label_names(path), path.name)


def mapping_for(label_map: Path) -> LabelMapping | None:
    """Return the meanings of a label map's values from nnU-Net's ``dataset.json`` beside it; None if there is none.

    :raises Problem: if the file cannot be read or its names are not understood.
    """
    path = label_file_beside(label_map)
    return None if path is None else read_mapping(path)


def read_labels(path: Path, mapping: LabelMapping | None = None) -> Image:
    """Read a label map from a file and return it in the vocabulary's values, uint8.

    :param path: file of the label map.
    :param mapping: meanings of its values; None if they are the vocabulary's.
    :raises Problem: if the file cannot be read or is an image, or its values have no meaning or contradict the anatomy.
    """
    labels = load_label_map(path)
    if mapping is None:
        check_values_in(labels, path.name)
        found = labels.with_array(labels.array.astype(np.uint8))
    else:
        try:
            found = mapping.apply(labels)
        except Problem as problem:
            raise Problem(_("{path}: {problem}").format(path=path.name, problem=problem)) from problem
    against = contradictions(found)
    if against:
        said = (_("as the vocabulary's") if mapping is None
                else _("as {source} names them").format(source=mapping.source))
        raise Problem(_("{path}: its values ({listed}) read {said} contradict the anatomy: {against}. "
                        "{what_to_write}").format(
            path=path.name, listed=listed(values_in(labels)), said=said, against="; ".join(against[:3]),
            what_to_write=_WHAT_TO_WRITE))
    return found


def read_patient_labels(path: str | Path) -> Image:
    """Read the label map that was given for a scan, using nnU-Net's ``dataset.json`` beside it if there is one.

    :return: label map in the vocabulary's values, uint8.
    :raises Problem: if a file cannot be read, the label map is an image, or its values have no meaning or contradict
        the anatomy.
    """
    return read_labels(Path(path), mapping_for(Path(path)))


def check_values_in(labels: Image, name: str) -> None:
    """Make sure that a label map holds only values of the vocabulary.

    :param labels: the label map.
    :param name: name of the label map, for the message.
    :raises Problem: if it holds other values; the message lists them and says how to name them.
    """
    try:
        check_values(labels)
    except Problem as problem:
        raise Problem(_("{name}: {problem}. {what_to_write}").format(
            name=name, problem=problem, what_to_write=_WHAT_TO_WRITE)) from problem


def load_label_map(path: Path) -> Image:
    """Read a label map from a file, with its values unchanged, int32.

    :raises Problem: if the file cannot be read, or is an image: if it has fractions, negative values or more than
        :data:`MOST_VALUES` different values.
    """
    from NeuroOrbitLib.imaging.files import load_image

    labels = load_image(path)
    voxels = labels.array
    whole = np.issubdtype(voxels.dtype, np.integer) or bool(np.isfinite(voxels).all() and (voxels % 1 == 0).all())
    if not whole or voxels.min(initial=0) < 0:
        raise Problem(_("{path} is an image, not a label map: it has values such as {odd_value}. Give the file with "
                        "the labels.").format(path=path.name, odd_value=_odd_value(voxels)))
    count = len(np.unique(voxels))
    if count > MOST_VALUES:
        raise Problem(_("{path} is an image, not a label map: it has {count} different values. Give the file with "
                        "the labels.").format(path=path.name, count=count))
    return labels.with_array(voxels.astype(np.int32))


def _odd_value(voxels: np.ndarray) -> str:
    odd = voxels[(voxels < 0) | ~np.isfinite(voxels) | (voxels % 1 != 0)]
    return f"{float(odd.flat[0]):g}"


def _eye(name: str) -> Meaning | None:
    side = {"od": Side.RIGHT, "os": Side.LEFT}.get(name.strip().casefold())
    return None if side is None else Meaning("eyeball", side)


def _refuse_doubles(meanings: Mapping[int, Meaning | None], names: Mapping[int, str], source: str) -> None:
    seen: dict[tuple[str, Side | None], int] = {}
    for value, meaning in meanings.items():
        if meaning is None or meaning.is_part:
            continue
        sides = [meaning.side] if not meaning.needs_side else [None, *Side]
        other = next((seen[meaning.key, side] for side in (*sides, None) if (meaning.key, side) in seen), None)
        if other is not None:
            raise Problem(_("{source}: the values {other} ({names!r}) and {value} ({names_2!r}) mean the same "
                            "structure. {what_to_write}").format(
                source=source, other=other, names=names[other], value=value, names_2=names[value],
                what_to_write=_WHAT_TO_WRITE))
        seen[meaning.key, meaning.side] = value


def _midplane(labels: Image, found: Mapping[int, Meaning]) -> Midplane:
    """Return the plane between the eyes, from the eyeballs or else from another structure whose sides are labelled."""
    values_of: dict[str, dict[Side | None, int]] = {}
    for value, meaning in found.items():
        values_of.setdefault(meaning.key, {})[meaning.side] = value
    for key in ("eyeball", *values_of):
        values = values_of.get(key, {})
        if set(Side) <= set(values):
            middles = [labels.grid.ras_from_ijk(np.argwhere(labels.array == values[side])[:, ::-1]).mean(axis=0)
                       for side in Side]
            if middles[0][0] <= middles[1][0]:
                raise Problem(_("the {structure} named right lies left of the one named left. Exchange both names, or "
                                "convert scan and label map again from the original files if their sides are "
                                "exchanged").format(structure=structure(key).name))
            return midplane_between(*middles)
    if None not in values_of.get("eyeball", {}):
        raise Problem(_("right and left cannot be told without both eyeballs (values: {listed}). Give each side a "
                        "value of its own").format(listed=listed(values_in(labels))))
    return midplane_of_eyes(labels.array == values_of["eyeball"][None], labels.grid)


def labels_in_words(mapping: LabelMapping) -> str:
    """Return a line that lists the structure of each label value, for the user to check."""
    return ", ".join(f"{value} = {_in_words(meaning)}" for value, meaning in mapping.meanings if value != BACKGROUND)


def _in_words(meaning: Meaning | None) -> str:
    if meaning is None:
        return "background"
    if meaning.needs_side:
        return f"{structure(meaning.key).name} (both sides)"
    name = label_name(structure(meaning.key).value(meaning.side))
    return name[0].lower() + name[1:]
