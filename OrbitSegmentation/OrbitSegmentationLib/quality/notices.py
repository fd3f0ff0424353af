"""Notices: short texts for the user with a level. Their texts are sentences, so that a panel can translate them."""

from __future__ import annotations

Notice = dict[str, str]


def warning(text: str) -> Notice:
    """Return a notice that asks the user to check something.

    :param text: a :class:`~NeuroOrbitLib.sentences.Sentence`.
    """
    return {"level": "warning", "text": text}


def remark(text: str) -> Notice:
    """Return a notice that informs the user without casting doubt on the result.

    :param text: a :class:`~NeuroOrbitLib.sentences.Sentence`.
    """
    return {"level": "info", "text": text}
