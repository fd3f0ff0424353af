"""Errors that a user can understand and correct."""

from __future__ import annotations


class Problem(ValueError):
    """A problem with the input that the user can correct.

    The message is shown unchanged: it says in plain English what is wrong and what to do about it. Every other
    exception is a fault of the program and is reported as such. If the message is a
    :class:`~NeuroOrbitLib.sentences.Sentence`, so is ``str(problem)``, so that a panel can translate it.
    """

    def __str__(self) -> str:
        return self.args[0] if len(self.args) == 1 and isinstance(self.args[0], str) else super().__str__()
