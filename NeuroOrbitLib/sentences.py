"""Sentences of pure code that a panel can show in the user's language.

Pure code writes ``_("{name} was not found.").format(name=...)``, as panels do with Slicer's ``tr``, and gets English
text that remembers its template and its values. Translators find the templates like those of panels. A panel translates
the texts that it shows by :func:`NeuroOrbitLib.mrml.translation.translated`; the command line prints the English text.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from string import Formatter
from types import MappingProxyType
from typing import Any

#: Largest length of the format of a field, e.g. of ".2f" for a number.
_LONGEST_FORMAT = 6
#: Template of a text that begins with a capital letter in every language.
_CAPITALIZED = "{capitalized}"
_KEYS = frozenset({"sentence", "context", "template", "values"})


class Sentence(str):
    """English text that keeps its template and its values; otherwise it is an ordinary ``str``.

    :param template: text with named fields, for translators.
    :param context: context of the template for translators: last package and module, as in Slicer.
    :param values: values of the fields: numbers, texts, sentences, or lists of these, which are joined by commas.
    """

    template: str
    context: str
    values: Mapping[str, Any]

    def __new__(cls, template: str, context: str, values: Mapping[str, Any] | None = None) -> Sentence:
        plain = {name: _plain(value) for name, value in (values or {}).items()}
        text = filled(template, plain) if values is not None else template
        sentence = super().__new__(cls, text)
        sentence.template, sentence.context, sentence.values = template, context, MappingProxyType(plain)
        return sentence

    def __str__(self) -> str:
        return self

    def __getnewargs__(self) -> tuple[str, str, dict[str, Any]]:
        return self.template, self.context, dict(self.values)

    def __reduce__(self) -> tuple[type[Sentence], tuple[str, str, dict[str, Any]]]:
        return Sentence, self.__getnewargs__()

    def format(self, **values: object) -> Sentence:
        """Return the sentence with its fields filled."""
        return Sentence(self.template, self.context, values)


def sentence(template: str) -> Sentence:
    """Mark a template for translators, with the calling module as context; imported as ``_``."""
    return Sentence(template, ".".join(sys._getframe(1).f_globals["__name__"].split(".")[-2:]))


def joined(texts: Iterable[str], between: str = " ") -> Sentence:
    """Return several texts joined into one sentence, in which each is translated separately.

    :param texts: sentences or plain texts.
    :param between: separator.
    """
    parts = {f"part{number}": text for number, text in enumerate(texts)}
    return Sentence(between.replace("{", "{{").replace("}", "}}").join(f"{{{name}}}" for name in parts), "", parts)


def capitalized(text: str) -> Sentence:
    """Return a text that begins with a capital letter, also after translation."""
    return Sentence(_CAPITALIZED, "", {"capitalized": text})


def filled(template: str, values: Mapping[str, Any]) -> str:
    """Return a template with its fields filled; lists become "a, b, c"."""
    listed = {name: ", ".join(value) if isinstance(value, list) else value for name, value in values.items()}
    text = template.format(**listed)
    return text[:1].upper() + text[1:] if template == _CAPITALIZED else text


def _plain(value: object) -> Any:
    """Return a value in a form that JSON can hold."""
    if isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, Iterable):
        return [part if isinstance(part, str) else str(part) for part in value]
    return value.item() if hasattr(value, "item") else str(value)


def to_plain(data: Any) -> Any:
    """Return plain data with each sentence as an object, from which :func:`from_plain` restores it."""
    if isinstance(data, Sentence):
        return {"sentence": str.__str__(data), "context": data.context, "template": data.template,
                "values": to_plain(dict(data.values))}
    if isinstance(data, Mapping):
        return {key: to_plain(value) for key, value in data.items()}
    return [to_plain(value) for value in data] if isinstance(data, (list, tuple)) else data


def with_sentences(data: Any) -> Any:
    """Return data of :func:`to_plain` with its sentences restored."""
    if isinstance(data, list):
        return [with_sentences(each) for each in data]
    if isinstance(data, dict):
        return from_plain({key: with_sentences(value) for key, value in data.items()})
    return data


def from_plain(content: dict[str, Any]) -> Any:
    """Return the sentence that :func:`to_plain` turned into an object, or any other object unchanged.

    To be used as ``object_hook`` of :func:`json.loads`. A sentence that cannot be restored safely is returned as plain
    text.
    """
    if content.keys() != _KEYS:
        return content
    template, context, values = content["template"], content["context"], content["values"]
    if not (isinstance(template, str) and isinstance(context, str) and isinstance(values, dict)):
        return content
    try:
        if values and not _is_harmless(template):
            return str(content["sentence"])
        return Sentence(template, context, values or None)
    except (LookupError, ValueError, TypeError):
        return str(content["sentence"])


def _is_harmless(template: str) -> bool:
    """Return whether a template from a file only names its values, without attributes and excessive widths."""
    return all(name is None or (name.isidentifier() and len(spec or "") <= _LONGEST_FORMAT)
               for _text, name, spec, _conversion in Formatter().parse(template))
