"""A language without Latin letters, in which whatever was not translated is seen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html.parser import HTMLParser
from string import Formatter, ascii_letters
from typing import Any

import pytest
import slicer

from NeuroOrbitLib.mrml import translation

#: Cyrillic letters in the places of Latin ones.
_LETTERS = str.maketrans({letter: chr(0x0430 + number % 32) for number, letter in enumerate(ascii_letters)})


def in_pseudo_language(context: str, text: str) -> str:
    """The text without Latin letters, its fields as they are."""
    parts = []
    for literal, name, spec, conversion in Formatter().parse(text):
        parts.append(literal.translate(_LETTERS).replace("{", "{{").replace("}", "}}"))
        if name is not None:
            parts.append("{" + name + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "") + "}")
    return "".join(parts)


def speak(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the application speak the language."""
    monkeypatch.setattr(translation, "translate", in_pseudo_language)
    monkeypatch.setattr(slicer.i18n, "translate", in_pseudo_language)


class _Visible(HTMLParser):
    """What a reader sees of a page, and what screen readers say of its pictures; the language that it names."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts, self._hidden, self.language = [], False, ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden = tag == "style"
        self.texts += [value or "" for name, value in attrs if name in ("alt", "title")]
        self.language += "".join(value or "" for name, value in attrs if name == "lang")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.texts.append(data)


def untranslated(page: str, data: Iterable[str] = ()) -> set[str]:
    """The words of an HTML page that were not translated, and "lang" where it says to be English.

    :param data: what is no language and stays as it is, e.g. names of models.
    """
    seen = _Visible(page)
    known = sorted(filter(None, data), key=len, reverse=True)
    found = {"lang"} if seen.language == "en" else set()
    for text in seen.texts:
        for each in known:
            text = text.replace(each, " ")
        found |= set(re.findall(r"[A-Za-z]{2,}", text))
    return found


def facts_of(record: Mapping[str, Any]) -> list[str]:
    """What is no language in the record of a result: model, its training, versions, checksums, time."""
    model = record["model"]
    return [*map(str, (*model.values(), *record["versions"], *record["versions"].values(), record["time"],
                       record["input"]["voxels_sha256"]))]
