"""Files with the names of label values: those of nnU-Net, ITK-SNAP and Slicer, JSON and CSV."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from NeuroOrbitLib.files.tables import column_name, read_records, read_text
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

NNUNET_FILE = "dataset.json"
_VALUE_COLUMNS, _NAME_COLUMNS = ("value", "label", "id", "index", "number"), ("name", "structure", "meaning", "text")
_ITK_SNAP = re.compile(r'\s*(\d+)(?:\s+[\d.]+){6}\s+"(.*)"\s*$')
_COLOR_TABLE = re.compile(r'\s*(\d+)\s+("[^"]*"|\S+)(?:\s+[\d.]+){3,4}\s*$')
_WHAT_TO_GIVE = (_("Give a JSON or CSV file with value and name of each label, nnU-Net's dataset.json, ITK-SNAP's "
                   "label descriptions (.txt) or Slicer's color table (.ctbl)."))


def read_label_names(path: Path) -> dict[int, str]:
    """Read the name of each label value from a file, by label value.

    :param path: nnU-Net's ``dataset.json`` (version 1 or 2), another JSON with values and names, CSV with the columns
        ``value`` and ``name``, ITK-SNAP's label descriptions (.txt) or Slicer's color table (.ctbl).
    :raises Problem: if it is none of them, names a value twice, or has regions of several values.
    """
    if not path.is_file():
        raise Problem(_("There is no file {path}. {what_to_give}").format(path=path, what_to_give=_WHAT_TO_GIVE))
    kind = path.suffix.lower()
    if kind == ".json":
        pairs = _pairs_of_json(path)
    elif kind in (".txt", ".ctbl", ".label"):
        pairs = _pairs_of_lines(path)
    else:
        pairs = _pairs_of_table(path)
    names: dict[int, str] = {}
    for value, name in pairs:
        if value in names:
            raise Problem(_("{path}: the value {value} is there twice ({names!r}, {name!r}). Keep one of "
                            "them.").format(path=path, value=value, names=names[value], name=name))
        names[value] = name
    if not any(names):
        raise Problem(_("{path} names no label value above 0. {what_to_give}").format(
            path=path, what_to_give=_WHAT_TO_GIVE))
    return names


def label_file_beside(label_map: Path) -> Path | None:
    """Return nnU-Net's ``dataset.json`` that belongs to a label map; None if there is none.

    It lies in the label map's folder, or in the folder that holds ``labelsTr`` and ``labelsTs``.
    """
    folder = label_map.parent
    places = [folder, folder.parent] if folder.name.startswith("labels") else [folder]
    return next((place / NNUNET_FILE for place in places if (place / NNUNET_FILE).is_file()), None)


def _pairs_of_json(path: Path) -> list[tuple[int, str]]:
    try:
        content = json.loads(read_text(path), object_pairs_hook=_without_repeats)
    except (json.JSONDecodeError, RecursionError) as error:
        raise Problem(_("{path} is not JSON ({error}). {what_to_give}").format(
            path=path, error=error, what_to_give=_WHAT_TO_GIVE)) from error
    except ValueError as error:
        raise Problem(_("{path}: {error}. Keep one of them.").format(path=path, error=error)) from error
    labels = content.get("labels", content) if isinstance(content, dict) else None
    if not isinstance(labels, Mapping) or not labels:
        raise Problem(_("{path} has no list of labels. {what_to_give}").format(path=path, what_to_give=_WHAT_TO_GIVE))
    pairs = [_pair_of_json(path, key, value) for key, value in labels.items()]
    if "labels" in content and any(name.casefold() == "ignore" for _value, name in pairs):
        raise Problem(_("{path} has nnU-Net's label 'ignore' for voxels that do not count, which training here does "
                        "not know. Label these voxels, or give a --labels file that reads the value as background "
                        "(ignore).").format(path=path))
    return pairs


def _pair_of_json(path: Path, key: str, value: Any) -> tuple[int, str]:
    """Return (value, name) of ``"1": "eye"`` (nnU-Net's version 1) or ``"eye": 1`` (version 2)."""
    if isinstance(value, list | tuple | dict):
        raise Problem(_("{path}: the label {key!r} is a region of several values ({value}). Regions overlap, so a "
                        "value has no single meaning; give a --labels file that names each value of the label "
                        "maps.").format(path=path, key=key, value=value))
    if isinstance(value, str) and _whole(key) is not None and _whole(value) is None:
        return _whole(key), value
    number = None if isinstance(value, bool) else _whole(value)
    if number is None or _whole(key) is not None:
        raise Problem(_('{path}: {key!r}: {value!r} is no pair of a whole number and a name. Write, e.g., "1": '
                        '"right eyeball".').format(path=path, key=key, value=value))
    return number, key


def _pairs_of_table(path: Path) -> list[tuple[int, str]]:
    records = read_records(path)
    value_place, name_place = 0, 1
    if records and _whole(records[0][1][0]) is None:
        header = [column_name(text) for text in records.pop(0)[1]]
        value_place = next((header.index(name) for name in _VALUE_COLUMNS if name in header), -1)
        name_place = next((header.index(name) for name in _NAME_COLUMNS if name in header), -1)
        if -1 in (value_place, name_place):
            raise Problem(_("{path} needs the columns value and name; it has {header}.").format(
                path=path, header=header))
    pairs = []
    for line, cells in records:
        value = _whole(cells[value_place]) if len(cells) > max(value_place, name_place) else None
        if value is None or not cells[name_place]:
            raise Problem(_("{path}, line {line}: write a whole number and a name, e.g. 1,right eyeball.").format(
                path=path, line=line))
        pairs.append((value, cells[name_place]))
    return pairs


def _pairs_of_lines(path: Path) -> list[tuple[int, str]]:
    """Return the labels in ITK-SNAP's file (``1 255 0 0 1 1 1 "name"``) or a colour table (``1 name 255 0 0 255``)."""
    pairs = []
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = _ITK_SNAP.match(line) or _COLOR_TABLE.match(line)
        if found is None:
            raise Problem(_("{path}, line {number}: this is no line of ITK-SNAP's label descriptions or of a color "
                            "table. {what_to_give}").format(path=path, number=number, what_to_give=_WHAT_TO_GIVE))
        pairs.append((int(found[1]), found[2].strip('"')))
    return pairs


def _whole(value: Any) -> int | None:
    """Return the non-negative integer that a number or text represents; None if it represents none."""
    text = str(value).strip()
    return int(text) if re.fullmatch(r"\d{1,9}", text, re.ASCII) else None


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _value in pairs]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise ValueError(f"{twice!r} is there twice")
    return dict(pairs)
