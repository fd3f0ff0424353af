"""`slicer.dicomDatabase` and what fills it (ctkDICOMDatabase.cpp, ctkDICOMIndexer.cpp): where the files of instances
are, and single values of them.

Patients, studies, what the DICOM browser shows and the series that are loaded from it are not emulated.
"""
from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import time
from pathlib import Path
from typing import Any

from PySide6 import QtCore

from slicerhost.errors import HostGap
from slicerhost.pythonqt.declare import Signal, qt_property
from slicerhost.registry import register

SCHEMA_VERSION = "0.8.1"
INSTANCE, STUDY, SERIES, PATIENT, NAME = "0008,0018", "0020,000D", "0020,000E", "0010,0020", "0010,0010"
_TABLES = """DROP TABLE IF EXISTS Images; DROP TABLE IF EXISTS TagCache;
CREATE TABLE Images (SOPInstanceUID TEXT PRIMARY KEY, Filename TEXT, SeriesInstanceUID TEXT, InsertTimestamp REAL);
CREATE TABLE TagCache (SOPInstanceUID TEXT, Tag TEXT, Value TEXT, PRIMARY KEY (SOPInstanceUID, Tag));"""


@register
class ctkDICOMDatabase(QtCore.QObject):
    """The DICOM database of a folder. Queries of a closed database, or about unknown objects, return ""."""

    opened, closed, databaseChanged = Signal(), Signal(), Signal()
    instanceAdded, seriesRemoved = Signal(str), Signal(str)
    tagsToPrecache = qt_property("QStringList", "_tags_to_precache", [])

    def __init__(self, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self._connection: sqlite3.Connection | None = None
        self._file, self._last_error = "", ""

    isOpen = QtCore.Property(bool, lambda self: self._connection is not None)
    isInMemory = QtCore.Property(bool, lambda self: self._file == ":memory:")
    lastError = QtCore.Property(str, lambda self: self._last_error)
    databaseFilename = QtCore.Property(str, lambda self: self._file)
    databaseDirectory = QtCore.Property(
        str, lambda self: "" if self.isInMemory or not self._file else str(Path(self._file).absolute().parent))

    def schemaVersion(self) -> str:
        return SCHEMA_VERSION

    def schemaVersionLoaded(self) -> str:
        return SCHEMA_VERSION if self.isOpen else ""

    def openDatabase(self, file: str, connection: str = "") -> bool:
        """Open a database file, which is made if there is none; False where it cannot be opened."""
        was_open = self.isOpen
        self._disconnect()
        self._file = file
        try:
            self._connection = sqlite3.connect(file, isolation_level=None)
            if not self._rows("SELECT name FROM sqlite_master WHERE type = 'table'"):
                self.initializeDatabase()
        except sqlite3.Error as error:
            self._disconnect()
            self._last_error = str(error)
            if was_open:
                self.closed.emit()
            return False
        self.opened.emit()
        return True

    def closeDatabase(self) -> None:
        if self.isOpen:
            self._disconnect()
            self.closed.emit()

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def initializeDatabase(self, schema: str = "") -> bool:
        """Forget everything; copied files stay."""
        if self._connection is not None:
            self._connection.executescript(_TABLES)
        self.databaseChanged.emit()
        return self.isOpen

    def _rows(self, query: str, *values: Any) -> list[tuple]:
        return [] if self._connection is None else self._connection.execute(query, values).fetchall()

    # What is known

    def fileForInstance(self, uid: str) -> str:
        """Return the file of an instance, whether or not it is still there."""
        found = self._rows("SELECT Filename FROM Images WHERE SOPInstanceUID = ?", uid)
        return self._absolute(found[0][0]) if found else ""

    def instanceForFile(self, file: str) -> str:
        found = self._rows("SELECT SOPInstanceUID FROM Images WHERE Filename = ?", self._internal(file))
        return found[0][0] if found else ""

    def seriesForFile(self, file: str) -> str:
        found = self._rows("SELECT SeriesInstanceUID FROM Images WHERE Filename = ?", self._internal(file))
        return found[0][0] if found else ""

    def instancesForSeries(self, series: str, at_most: int = -1) -> list[str]:
        return [row[0] for row in self._rows(
            "SELECT SOPInstanceUID FROM Images WHERE SeriesInstanceUID = ? LIMIT ?", series, at_most)]

    def filesForSeries(self, series: str, at_most: int = -1) -> list[str]:
        return [self.fileForInstance(uid) for uid in self.instancesForSeries(series, at_most)]

    def imagesCount(self) -> int:
        return len(self._rows("SELECT 1 FROM Images"))

    def instanceValue(self, uid: str, *tag: Any) -> str:
        """Return a value of an instance, several joined by a backslash; one that was read once is not read again."""
        key = _key(tag)
        cached = self._rows("SELECT Value FROM TagCache WHERE SOPInstanceUID = ? AND Tag = ?", uid, key)
        file = "" if cached else self.fileForInstance(uid)
        return cached[0][0] if cached else self._read(file, uid, key) if file else ""

    def fileValue(self, file: str, *tag: Any) -> str:
        """Return a value of a file, which need not be in the database."""
        uid = self.instanceForFile(file)
        return self.instanceValue(uid, *tag) if uid else self._read(file, "", _key(tag)) if file else ""

    def _read(self, file: str, uid: str, key: str) -> str:
        values = values_of(Path(file), [key])
        if values is None:
            return ""
        if uid:
            self._rows("INSERT OR REPLACE INTO TagCache VALUES (?, ?, ?)", uid, key, values[key])
        return values[key]

    def removeSeries(self, series: str, clear_cached_tags: bool = False, clean_up: bool = True) -> bool:
        """Forget a series and delete the copies of its files; files that lie outside stay."""
        if not self.isOpen:
            return False
        for uid, file in self._rows("SELECT SOPInstanceUID, Filename FROM Images WHERE SeriesInstanceUID = ?", series):
            if not os.path.isabs(file):
                Path(self._absolute(file)).unlink(missing_ok=True)
            if clear_cached_tags:
                self._rows("DELETE FROM TagCache WHERE SOPInstanceUID = ?", uid)
        self._rows("DELETE FROM Images WHERE SeriesInstanceUID = ?", series)
        self.seriesRemoved.emit(series)
        return True

    # Files of the database's own folder are known by their places in it, so that it can be moved

    def _absolute(self, name: str) -> str:
        return name if os.path.isabs(name) else str(Path(self.databaseDirectory) / name)

    def _internal(self, file: str) -> str:
        path = Path(file)
        return str(path.relative_to(self.databaseDirectory)) if self.databaseDirectory and path.is_relative_to(
            self.databaseDirectory) else file

    # What the indexer does

    def _insert(self, file: Path, copy: bool) -> bool:
        """Add a file if it can be read and names its patient and study; a failure is only logged."""
        values = values_of(file, (INSTANCE, STUDY, SERIES, PATIENT, NAME)) if self.isOpen else None
        if values is None or not values[INSTANCE] or not values[STUDY] or not values[SERIES]:
            return False
        uid, stored = values[INSTANCE], str(file)
        known = self._rows("SELECT Filename, InsertTimestamp FROM Images WHERE SOPInstanceUID = ?", uid)
        if known and known[0][0] == stored and file.stat().st_mtime < known[0][1]:
            return False
        if copy:
            parts = [hashlib.md5(values[tag].encode()).hexdigest() for tag in (STUDY, SERIES, INSTANCE)]
            stored = str(Path("dicom", parts[0][:8], parts[1][:8], f"{parts[2]}.dcm"))
            try:
                Path(self._absolute(stored)).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, self._absolute(stored))
            except OSError:
                return False
        self._rows("DELETE FROM TagCache WHERE SOPInstanceUID = ?", uid)
        self._rows("INSERT OR REPLACE INTO Images VALUES (?, ?, ?, ?)", uid, stored, values[SERIES], time.time())
        self.instanceAdded.emit(uid)
        return True


@register
class ctkDICOMIndexer(QtCore.QObject):
    """Adds files to a database, here at once; files that cannot be added are only logged."""

    indexingComplete, updatingDatabase = Signal(int, int, int, int), Signal(bool)
    backgroundImportEnabled = qt_property(bool, "_background", False)
    followSymlinks = qt_property(bool, "_follow", True)
    importing = QtCore.Property(bool, lambda self: False)

    def __init__(self, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self._database: ctkDICOMDatabase | None = None

    def setDatabase(self, database: ctkDICOMDatabase | None) -> None:
        self._database = database

    def database(self) -> ctkDICOMDatabase | None:
        return self._database

    def addDirectory(self, *arguments: Any) -> None:
        """``addDirectory([database,] folder[, copy[, hidden files too]])``."""
        folder, *options = self._without_database(arguments)
        self._add((path for path in sorted(Path(folder).rglob("*")) if path.is_file()), *options[:1])

    def addFile(self, *arguments: Any) -> None:
        """``addFile([database,] file[, copy])``."""
        file, *options = self._without_database(arguments)
        self._add([Path(file)], *options)

    def waitForImportFinished(self, timeout: int = -1) -> None:
        """Return at once, as files are indexed when they are added."""

    def _without_database(self, arguments: tuple) -> list[Any]:
        if isinstance(arguments[0], str):
            return list(arguments)
        self._database = arguments[0]
        return list(arguments[1:])

    def _add(self, files: Any, copy: bool = False) -> None:
        if self._database is None:
            return
        self.updatingDatabase.emit(True)
        count = sum(self._database._insert(path.absolute(), copy) for path in files)
        if count:
            self._database.databaseChanged.emit()
        self.updatingDatabase.emit(False)
        self.indexingComplete.emit(0, 0, 0, count)


def values_of(file: Path, keys: Any) -> dict[str, str] | None:
    """Return values of a DICOM file by tag ("0010,0020"), "" for missing ones; None if it is not a DICOM file."""
    try:
        import pydicom
    except ImportError as error:
        raise HostGap("The DICOM database reads files with pydicom, which is not installed") from error
    try:
        data = pydicom.dcmread(file, stop_before_pixels=True, force=True)
    except (OSError, pydicom.errors.InvalidDicomError, EOFError, ValueError):
        return None
    return {key: _text(data.get(tuple(int(part, 16) for part in key.split(",")))) if "," in key else ""
            for key in keys} if len(data) else None


def _text(element: Any) -> str:
    """Return the values of an element, joined as DICOM does; "" for none and for a sequence."""
    if element is None or element.VR == "SQ" or element.value is None:
        return ""
    return "\\".join(str(value).rstrip(" \0") for value in (element.value if element.VM > 1 else [element.value]))


def _key(tag: tuple) -> str:
    """Return a tag that is given as "0010,0020" or as two numbers."""
    return str(tag[0]).upper() if len(tag) == 1 else f"{tag[0]:04X},{tag[1]:04X}"
