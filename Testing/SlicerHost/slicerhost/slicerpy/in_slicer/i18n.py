"""Translation of messages."""
from __future__ import annotations

import functools
import logging
import re
import sys
from pathlib import Path

_PLACEHOLDER = re.compile(r"(?<!\{)\{([^{}]+)\}(?!\})")


def translate(context: str, text: str) -> str:
    """Return the text in the application's language, looked up under the context; unchanged without application."""
    try:
        from slicer import app
    except ImportError:
        return text
    return app.translate(context, text)


@functools.cache
def getContext(sourceFile: str) -> str:
    """Context of the messages of a source file: its name without .py, with the package's name if it is in one."""
    path = Path(sourceFile)
    if not path.is_file():
        return path.name
    module = path.name.replace(".py", "")
    return f"{path.parent.name}.{module}" if (path.parent / "__init__.py").is_file() else module


def tr(text: str) -> str:
    """Translate with the context of the calling file; modules import it as ``_``.

    A translation that lost or renamed a ``{placeholder}`` would fail in ``format``: the original text is given then.
    """
    context = getContext(sys._getframe(1).f_code.co_filename)
    translated = translate(context, text)
    if set(_PLACEHOLDER.findall(text)) == set(_PLACEHOLDER.findall(translated)):
        return translated
    logging.warning(f"Translation of '{text}' in the context '{context}' has other placeholders: '{translated}'")
    return text
