"""The errors that a user can understand and act on."""

from __future__ import annotations


class Problem(ValueError):
    """Something about the input that the user can change.

    The message is shown as it is: it says in plain English what is wrong and what to do about it. Every other
    exception is a fault of the program and is reported as such. A message that is a
    :class:`~NeuroOrbitLib.sentences.Sentence` is one in ``str(problem)``, too, so that a panel can translate it.
    """

    def __str__(self) -> str:
        return self.args[0] if len(self.args) == 1 and isinstance(self.args[0], str) else super().__str__()
