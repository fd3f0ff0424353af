"""Translation of sentences of pure code into the language of the application."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import Any

from slicer.i18n import translate

from NeuroOrbitLib.sentences import Sentence, filled


def translated(text: str) -> str:
    """Return the text for the user: a sentence in the application's language, any other text as it is.

    A translation whose placeholders differ from those of the sentence is ignored.
    """
    if not isinstance(text, Sentence):
        return text
    # Sentences that only join others have no context: they hold no words to translate.
    template = translate(text.context, text.template) if text.context else text.template
    if _fields(template) != _fields(text.template):
        template = text.template
    if not text.values:
        return template
    return filled(template, {name: _translated_value(value) for name, value in text.values.items()})


def all_translated(data: Any) -> Any:
    """Return plain data with every sentence in it translated."""
    if isinstance(data, Mapping):
        return {key: all_translated(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [all_translated(value) for value in data]
    return translated(data) if isinstance(data, str) else data


def _translated_value(value: Any) -> Any:
    if isinstance(value, list):
        return [translated(part) for part in value]
    return translated(value) if isinstance(value, str) else value


def _fields(template: str) -> set[str | None] | None:
    try:
        return {name for _text, name, _spec, _conversion in Formatter().parse(template)} - {None}
    except ValueError:
        return None
