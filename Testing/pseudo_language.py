"""A language without Latin letters, in which untranslated texts are visible."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html.parser import HTMLParser
from string import Formatter, ascii_letters
from typing import Any

import pytest
import slicer

from NeuroOrbitLib.mrml import translation

#: Cyrillic letters that replace Latin ones.
_LETTERS = str.maketrans({letter: chr(0x0430 + number % 32) for number, letter in enumerate(ascii_letters)})


def in_pseudo_language(context: str, text: str) -> str:
    """Return the text without Latin letters; its fields are kept."""
    parts = []
    for literal, name, spec, conversion in Formatter().parse(text):
        parts.append(literal.translate(_LETTERS).replace("{", "{{").replace("}", "}}"))
        if name is not None:
            parts.append("{" + name + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "") + "}")
    return "".join(parts)


def speak(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the application use the language."""
    monkeypatch.setattr(translation, "translate", in_pseudo_language)
    monkeypatch.setattr(slicer.i18n, "translate", in_pseudo_language)


class _Visible(HTMLParser):
    """The visible text of a page, the descriptions of its pictures for screen readers, and its language."""

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
    """Return the untranslated words of an HTML page, and "lang" if it says to be English.

    :param data: texts that belong to no language and are kept, e.g. names of models.
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
    """Return the texts in a result's record that belong to no language: model, training, versions, checksums, time."""
    model = record["model"]
    return [*map(str, (*model.values(), *record["versions"], *record["versions"].values(), record["time"],
                       record["input"]["voxels_sha256"]))]
