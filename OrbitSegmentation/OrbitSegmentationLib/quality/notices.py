"""Notices: short texts for the user with a level."""

from __future__ import annotations

Notice = dict[str, str]


def warning(text: str) -> Notice:
    """A notice that asks for a look."""
    return {"level": "warning", "text": text}
