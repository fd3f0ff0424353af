"""The columns of a task, read from the file that comes with a module or from the user's own file in the same form."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from NeuroOrbitLib.classifiers.columns import Column, columns_as_data, columns_from_data
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import Sentence
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from NeuroOrbitLib.models import ModelPackage

#: Name of the document in a package that was trained on the user's own columns, and of their entry in its answers.
COLUMNS = "columns"


class ColumnFile:
    """Columns that a file lists, see :func:`NeuroOrbitLib.classifiers.columns.columns_from_data`.

    :param shipped: JSON file that comes with a module.
    :param texts: words of the shipped columns as translatable sentences.
    """

    def __init__(self, shipped: Path, texts: Sequence[Sentence] = ()) -> None:
        self.shipped = shipped
        self._known: Mapping[str, Sentence] = {str(text): text for text in texts}
        self._chosen: ContextVar[tuple[Column, ...] | None] = ContextVar(f"columns in place of {shipped}", default=None)

    def columns(self, path: str | Path | None = None) -> tuple[Column, ...]:
        """Return the columns.

        :param path: JSON file to read; by default the one given to :meth:`chosen`, otherwise the shipped file.
        :raises Problem: when the file cannot be read or is not a list of columns.
        """
        known = self._chosen.get() if path is None else None
        if known is not None:
            return known
        file = self.shipped if path is None else Path(path)
        try:
            found = columns_from_data(json.loads(file.read_text(encoding="utf-8")))
        except OSError as error:
            raise Problem(_("The list of features {file} cannot be read ({reason}). Choose a JSON file.").format(
                file=file, reason=error.strerror)) from error
        except ValueError as error:
            raise Problem(_("{file} is no JSON file ({error}). Begin with a copy of the shipped one.").format(
                file=file, error=error)) from error
        except Problem as problem:
            raise Problem(_("{file}: {problem}").format(file=file, problem=problem)) from problem
        return tuple(self._in_sentences(column) for column in found)

    def shipped_columns(self) -> tuple[Column, ...]:
        """Return the columns that come with the module, whatever is in use."""
        return self.columns(self.shipped)

    @contextmanager
    def chosen(self, path: str | Path | None) -> Iterator[None]:
        """Use the columns of the user's own file inside the ``with`` block.

        :param path: JSON file; None for the shipped columns.
        :raises Problem: when the file cannot be read or is not a list of columns.
        """
        token = self._chosen.set(None if path is None else self.columns(path))
        try:
            yield
        finally:
            self._chosen.reset(token)

    @contextmanager
    def of(self, documents: Mapping[str, Any] | None) -> Iterator[None]:
        """Use the columns that a package or its answer keeps inside the ``with`` block.

        Columns that the user chose (:meth:`chosen`) take precedence; without either, the shipped columns are used.

        :param documents: documents of a package, or an answer as plain data; the columns are under the key
            :data:`COLUMNS`.
        :raises Problem: when that entry is not a list of columns.
        """
        data = (documents or {}).get(COLUMNS)
        token = None if data is None or self._chosen.get() is not None else self._chosen.set(columns_from_data(data))
        try:
            yield
        finally:
            if token is not None:
                self._chosen.reset(token)

    def document(self) -> dict[str, Any]:
        """Return the columns as a document for the package to train; empty while the shipped columns are in use."""
        own = self._chosen.get()
        return {} if own is None else {COLUMNS: columns_as_data(own)}

    def differing(self, told: Mapping[str, Any], facts: Mapping[str, Any]) -> list[str]:
        """Return the names of columns whose values mean something else in a cohort than in a package or list.

        :param told: documents of the package, or a list in the same form; without columns the shipped ones are meant.
        :param facts: facts of the cohort; nothing differs if they do not state its columns.
        """
        if COLUMNS not in facts:
            return []
        meant = columns_from_data(told[COLUMNS]) if COLUMNS in told else self.shipped_columns()
        here = {column.name: column for column in columns_from_data(facts[COLUMNS])}
        return [column.name for column in meant if column.name in here and not column.means_the_same(
            here[column.name])]

    def of_words(self) -> set[str]:
        """Return the names of the columns whose numbers stand for words: choices, and yes or no."""
        return {column.name for column in self.columns() if column.kind in ("choice", "yes_no")}

    def titles(self) -> dict[str, str]:
        """Return the title of each column by its name."""
        return {column.name: column.title for column in self.columns()}

    def _in_sentences(self, column: Column) -> Column:
        """Return the column with its shipped words as translatable sentences; the user's own words stay as they are."""
        known = self._known
        return replace(column, title=known.get(column.title, column.title), help=known.get(column.help, column.help),
                       choices={known.get(word, word): value for word, value in column.choices.items()})


def columns_kept(package: ModelPackage | None) -> dict[str, Any]:
    """Return the user's own columns that a package was trained on, in the form that :meth:`ColumnFile.of` takes."""
    own = package.document(COLUMNS) if package is not None else None
    return {} if own is None else {COLUMNS: own}


class FileColumns(Sequence[Column]):
    """The columns of a file as a sequence that looks them up at each access, so that every run uses its own columns.

    :param file: file that lists the columns.
    :param others: further columns, appended to those of the file.
    """

    def __init__(self, file: ColumnFile, *others: Column) -> None:
        self._file, self._others = file, others

    def __getitem__(self, place: int | slice) -> Column | tuple[Column, ...]:
        return (*self._file.columns(), *self._others)[place]

    def __len__(self) -> int:
        return len(self._file.columns()) + len(self._others)
