"""Tables as spreadsheets write and damage them, spellings of patients, and names that lead out of a folder."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from NeuroOrbitLib.files.tables import read_table_file
from NeuroOrbitLib.imaging.file_names import safe_file_name
from NeuroOrbitLib.training.patients import one_spelling_each, patient_key
from Testing.Attack.outcome import Attempt, Outcome
from Testing.Attack.table_damage import (
    DOUBTFUL,
    HOSTILE_NAMES,
    ONE_PATIENT,
    TWO_PATIENTS,
    damaged,
    respelled,
    written,
)

_ROWS = (("patient", "image", "note"), ("p1", "a.nii.gz", "Größe; 3,5"), ("p2", "b, c.nii.gz", 'said "no"'),
         ("p3", "d.nii.gz", 'two\n"lines"'))
_PLAIN = b"patient,image\np1,a\np2,b\np3,c\n"


def tables(folder: Path, seed: int, repeats: int) -> Iterator[Attempt]:
    """Yield tables in every form (which must be read unchanged) and damaged ones (which must be refused)."""
    for number in range(seed, seed + 10 * repeats):
        yield Attempt("tables of spreadsheets", f"seed {number}", partial(_written, folder, number))
        yield Attempt("damaged tables", f"seed {number}", partial(_damaged, folder, number))


def names(folder: Path, seed: int, repeats: int) -> Iterator[Attempt]:
    """Yield spellings of patients and names of files."""
    for pair in ONE_PATIENT:
        yield Attempt("one patient in two spellings", repr(pair), partial(_spellings, pair, 1))
    for pair in TWO_PATIENTS:
        yield Attempt("two patients", repr(pair), partial(_spellings, pair, 2))
    for pair in DOUBTFUL:
        yield Attempt("doubtful spellings", repr(pair), partial(_spellings, pair, 0))
    for number in range(seed, seed + repeats):
        for identifier in ("Sub-12", "Ågren 3", "MRN_0042"):
            yield Attempt("respelled identifiers", f"{identifier}, seed {number}",
                          partial(_respelled, identifier, number))
    for name in HOSTILE_NAMES:
        yield Attempt("hostile names", repr(name[:40]), partial(_inside, folder, name))


def _written(folder: Path, seed: int) -> Outcome:
    path = folder / "table.csv"
    path.write_bytes(written(_ROWS, seed).content)
    found = [[row.cells[name].replace("\r\n", "\n") for name in _ROWS[0]] for row in read_table_file(path).rows]
    return Outcome.RIGHT if found == [list(row) for row in _ROWS[1:]] else Outcome.WRONG


def _damaged(folder: Path, seed: int) -> Outcome:
    path = folder / "table.csv"
    path.write_bytes(damaged(_PLAIN, seed).content)
    read_table_file(path)
    return Outcome.WRONG


def _spellings(pair: tuple[str, str], patients: int) -> Outcome:
    """Judge whether the pair of spellings counts as this many patients; doubtful ones (0) must be refused."""
    return Outcome.RIGHT if len(set(one_spelling_each(pair))) == patients else Outcome.WRONG


def _respelled(identifier: str, seed: int) -> Outcome:
    same = patient_key(respelled(identifier, seed)) == patient_key(identifier)
    return Outcome.RIGHT if same else Outcome.WRONG


def _inside(folder: Path, name: str) -> Outcome:
    path = folder / f"{safe_file_name(name)}_labels.nii.gz"
    path.write_bytes(b"")
    path.unlink()
    return Outcome.RIGHT if path.resolve().parent == folder.resolve() else Outcome.WRONG
