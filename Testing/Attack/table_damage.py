"""Tables and identifiers as spreadsheets, people and attackers write them, reproducible from a seed."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

#: (first spelling, second spelling) of one patient.
ONE_PATIENT = (
    ("P1", "p1"), ("P1", "P 1"), ("P1", "P1 "), ("P1", "P\u200b1"), ("P1", "\ufeffP1"), ("P1", "P\u00ad1"),
    ("P1", "\uff301"), ("P1", "P\uff11"), ("P-1", "P_1"), ("P1", "P\u00a01"), ("P1", "P\u20111"),
    ("Müller", "Mu\u0308ller"), ("Straße", "STRASSE"), ("\ufb01sher", "fisher"), ("P1", "\u200fP1"),
    ("P1", "P1\ufe0f"), ("P1", "P\u20601"), ("1 2", "1-2"), ("P1", "P\u0661"), ("A20", "A\u0968\u0966"),
)
#: Pairs of spellings that may or may not be the same patient.
DOUBTFUL = (("P1", "P01"), ("7", "007"), ("P1", "\u04201"), ("sub-001", "sub-01"), ("A1", "\u03911"))
#: Pairs of spellings of two different patients.
TWO_PATIENTS = (("P1", "P2"), ("P1", "P11"), ("1-11", "11-1"), ("Müller", "Muller"), ("P10", "P1"), ("P100", "P10"))
#: Names that would lead out of a folder, or that some system cannot hold.
HOSTILE_NAMES = (
    "../outside", "..", ".", "../../etc/passwd", "/absolute", "C:\\windows", "\\\\server\\share", "a/b", "a\\b", "NUL",
    "con.txt", "COM1", "lpt9.nii", "name\nline", "a\x00b", "x" * 400, "ü" * 200, "", "   ", "...", "a:stream", "*?<>|",
    "trailing.", "trailing ", "~", "-rf", "\u202egnp.exe", "\u2215root", "\uff0e\uff0e\uff0fx", "CONIN$",
)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-be-marked", "cp1252")


@dataclass(frozen=True)
class WrittenTable:
    """A table's bytes and how they were written.

    :param content: bytes of the file.
    :param how: description of encoding, separator and line ends.
    """

    content: bytes
    how: str


def written(rows: Sequence[Sequence[str]], seed: int) -> WrittenTable:
    """Return a table (the header first) as some spreadsheet writes it; its cells must be read back unchanged.

    Encoding, separator, line ends, quotation marks, the header's case and spaces, empty rows, empty columns at the end,
    and the line ``sep=;`` vary.
    """
    random = np.random.default_rng(seed)
    encoding = ENCODINGS[int(random.integers(len(ENCODINGS)))]
    separator = ",;\t"[int(random.integers(3))]
    newline = ("\n", "\r\n", "\r")[int(random.integers(3))]
    quoting = (csv.QUOTE_MINIMAL, csv.QUOTE_ALL)[int(random.integers(2))]
    stream = io.StringIO()
    if random.random() < 0.2 and newline != "\r":
        stream.write(f"sep={separator}{newline}")
    writer = csv.writer(stream, delimiter=separator, lineterminator=newline, quoting=quoting)
    tail = [""] * int(random.integers(3))
    writer.writerow([_header_cell(name, random) for name in rows[0]] + tail)
    for row in rows[1:]:
        if random.random() < 0.2:
            writer.writerow([""] * (len(rows[0]) + len(tail)))
        writer.writerow([*row, *tail])
    return WrittenTable(_encoded(stream.getvalue(), encoding), f"{encoding}, {separator!r}, {newline!r}, seed {seed}")


def damaged(content: bytes, seed: int) -> WrittenTable:
    """Return a damaged table, in UTF-8 with commas, that must be refused with a message."""
    random = np.random.default_rng(seed)
    lines = content.split(b"\n")
    kind = ("zero byte", "open quotation", "too many cells", "column twice", "workbook", "no encoding")[
        int(random.integers(6))]
    place = int(random.integers(1, len(lines) - 1))
    if kind == "zero byte":
        lines[place] += b"\0"
    elif kind == "open quotation":
        lines[place] = b'"' + lines[place]
    elif kind == "too many cells":
        lines[place] += b",5,5"
    elif kind == "column twice":
        lines[0] += b"," + lines[0].split(b",")[0].upper() + b" "
    elif kind == "workbook":
        return WrittenTable(b"PK\x03\x04" + content, kind)
    else:
        lines[place] += b"\x81\xff\x8f"
    return WrittenTable(b"\n".join(lines), f"{kind} in line {place + 1}, seed {seed}")


def respelled(identifier: str, seed: int) -> str:
    """Return another spelling of a patient's identifier, which means the same patient."""
    random = np.random.default_rng(seed)
    changes = (str.upper, str.lower, lambda text: f" {text} ", lambda text: unicodedata.normalize("NFD", text),
               lambda text: "\u200b".join(text), lambda text: text.replace("-", "_"), lambda text: f"\ufeff{text}",
               _full_width)
    for number in random.permutation(len(changes))[:2]:
        identifier = changes[int(number)](identifier)
    return identifier


def _header_cell(name: str, random: np.random.Generator) -> str:
    variants = (name, name.upper(), name.capitalize(), f" {name} ")
    return variants[int(random.integers(len(variants)))]


def _encoded(text: str, encoding: str) -> bytes:
    if encoding == "utf-16-be-marked":
        return b"\xfe\xff" + text.encode("utf-16-be")
    return text.encode(encoding)


def _full_width(text: str) -> str:
    return "".join(chr(ord(letter) + 0xFEE0) if letter.isascii() and letter.isalnum() else letter for letter in text)
