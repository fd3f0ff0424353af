"""The description of a sample data set."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

PER_FILE = ("uris", "fileNames", "nodeNames", "checksums", "loadFiles", "loadFileTypes")


def loadFileTypesOf(loadFileTypes: Any, loadFileType: Any) -> Any:
    """Return the file types, of which ``loadFileType`` is the former name; ValueError if both are given."""
    if loadFileType is None:
        return loadFileTypes
    if loadFileTypes is not None:
        raise ValueError("loadFileType is the former name of loadFileTypes: give one of them")
    return loadFileType


class SampleDataSource:
    """One data set: one or more files to download, and the nodes to load from them.

    :param sampleName: name that identifies the data set
    :param sampleDescription: text of its button; by default the name
    :param uris: where to download from: one address, or one per file
    :param fileNames: names of the files in the cache
    :param nodeNames: names of the nodes; a file without is not loaded if others have one
    :param checksums: ``<algorithm>:<digest>`` of the files, or None
    :param loadFiles: True or False, or None to decide by the type of the file
    :param customDownloader: called with this object in the place of download and load
    :param thumbnailFileName: picture on the button
    :param loadFileTypes: readers of the files (as ``VolumeFile``), or None to decide by the name of the file
    :param loadFileProperties: properties for the readers
    :param loadFileType: former name of ``loadFileTypes``
    :raises ValueError: the lists are not of the same length
    """

    def __init__(self, sampleName: str | None = None, sampleDescription: str | None = None, uris: Any = None,
                 fileNames: Any = None, nodeNames: Any = None, checksums: Any = None, loadFiles: Any = None,
                 customDownloader: Callable[[Any], Any] | None = None, thumbnailFileName: str | None = None,
                 loadFileTypes: Any = None, loadFileProperties: dict[str, Any] | None = None,
                 loadFileType: Any = None) -> None:
        self.sampleName = sampleName
        self.sampleDescription = sampleName if sampleDescription is None else sampleDescription
        self.customDownloader = customDownloader
        self.thumbnailFileName = thumbnailFileName
        self.loadFileProperties = {} if loadFileProperties is None else loadFileProperties
        self.uris = uris
        self.fileNames = fileNames
        self.nodeNames = nodeNames
        self.checksums = checksums
        self.loadFiles = loadFiles
        self.loadFileTypes = loadFileTypesOf(loadFileTypes, loadFileType)
        self._makeLists()

    def _makeLists(self) -> None:
        """Turn all that is given per file into lists of the same length."""
        if isinstance(self.uris, str):
            for field in PER_FILE:
                setattr(self, field, [getattr(self, field)])
        elif isinstance(self.uris, (list, tuple)):
            self._fillIn(len(self.uris))
        lengths = {field: len(getattr(self, field)) for field in PER_FILE}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"All fields of the sample '{self.sampleName}' must have the same length: {lengths}")

    def _fillIn(self, count: int) -> None:
        if self.loadFileTypes is None or isinstance(self.loadFileTypes, str):
            self.loadFileTypes = [self.loadFileTypes] * count
        for field in ("nodeNames", "checksums", "loadFiles"):
            if getattr(self, field) is None:
                setattr(self, field, [None] * count)

    def files(self) -> list[tuple[Any, ...]]:
        """(uri, file name, node name, checksum, whether to load, type) of each file."""
        return list(zip(*(getattr(self, field) for field in PER_FILE), strict=True))

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other)

    __hash__ = None

    def __str__(self) -> str:
        whole = ("sampleName", "sampleDescription", "thumbnailFileName", "loadFileProperties", "customDownloader")
        lines = [f"{field:18}: {getattr(self, field)}" for field in whole]
        for values in self.files():
            lines += ["", *(f"  {field:16}: {value}" for field, value in zip(PER_FILE, values, strict=True))]
        return "\n".join(lines)
