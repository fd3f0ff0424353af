"""Files from the network into a folder. Mixin of SampleDataLogic."""
from __future__ import annotations

import logging
import os
import urllib.request
from pathlib import Path
from typing import Any

import slicer
from slicer.i18n import tr as _
from slicer.util import computeChecksum, extractAlgoAndDigest

from . import registry


class Downloads:
    """``downloadPercent`` is the progress of the running or last download."""

    downloadPercent = 0

    def logMessage(self, message: str, logLevel: int = logging.DEBUG) -> None:
        """Report to the user; the panel puts its own function here."""
        logging.log(logLevel, message)

    @staticmethod
    def rewriteUrl(url: str) -> str:
        """Return the address after all rewrite rules."""
        for rule in registry.urlRewriteRules().values():
            url = rule(url)
        return url

    def downloadFileIntoCache(self, uri: str, name: str, checksum: str | None = None,
                              forceDownload: bool = False) -> str:
        """Like ``downloadFile``, into the cache folder of the scene."""
        folder = slicer.mrmlScene.GetCacheManager().GetRemoteCacheDirectory()
        try:
            os.makedirs(folder, exist_ok=True)
        except OSError:
            self.logMessage(_("Failed to create cache folder {path}").format(path=folder), logging.ERROR)
        if not os.access(folder, os.W_OK):
            self.logMessage(_("Cache folder {path} is not writable").format(path=folder), logging.ERROR)
        return self.downloadFile(uri, folder, name, checksum, forceDownload=forceDownload)

    def downloadSourceIntoCache(self, source: Any) -> list[str]:
        """Paths of all files of a data set, downloaded where needed."""
        return [self.downloadFileIntoCache(uri, fileName, checksum)
                for uri, fileName, checksum in zip(source.uris, source.fileNames, source.checksums, strict=False)]

    def downloadFile(self, uri: str, destFolderPath: str, name: str, checksum: str | None = None,
                     forceDownload: bool = False) -> str:
        """Path of the file ``name`` in the folder, downloaded unless a file with the right checksum is there.

        Without checksum, any file of that name that is not empty counts as right, except with ``forceDownload``.
        A file that was downloaded with a wrong checksum is deleted.

        :raises ValueError: the download failed
        """
        uri = self.rewriteUrl(uri)
        path = f"{destFolderPath}/{name}"
        self.downloadPercent = 0
        exists = os.path.isfile(path) and os.path.getsize(path) > 0 and not forceDownload
        if exists and self._isRight(path, checksum):
            self.downloadPercent = 100
            self.logMessage(_("{name} is in the cache already").format(name=name))
            return path
        if exists:
            self.logMessage(_("File already exists in cache but checksum is different - re-downloading it."))
            os.remove(path)
        self._retrieve(uri, path)
        if self._isRight(path, checksum):
            self.downloadPercent = 100
        else:
            self.logMessage(_("The checksum of {name} is wrong, the file is deleted").format(name=name), logging.ERROR)
            os.remove(path)
        return path

    def _retrieve(self, uri: str, path: str) -> None:
        self.logMessage(_("Requesting download {name} from {uri} ...").format(name=Path(path).name, uri=uri))
        try:
            urllib.request.urlretrieve(uri, path, self.reportHook)
        except OSError as error:
            self.logMessage("\t" + _("Download failed: {errorMessage}").format(errorMessage=error), logging.ERROR)
            raise ValueError(_("Failed to download {uri} to {filePath}").format(uri=uri, filePath=path)) from error
        self.logMessage(_("Download finished"))

    @staticmethod
    def _isRight(path: str, checksum: str | None) -> bool:
        algorithm, digest = extractAlgoAndDigest(checksum)
        return algorithm is None or computeChecksum(algorithm, path) == digest

    def reportHook(self, blocksSoFar: int, blockSize: int, totalSize: int) -> None:
        """Report progress in steps of 10 percent; called by urllib."""
        if totalSize <= 0:  # the server does not say
            return
        done = min(blocksSoFar * blockSize, totalSize)
        percent = 100 * done // totalSize
        if percent == 100 or percent >= self.downloadPercent + 10:
            self.downloadPercent = percent
            text = _("Downloaded {sizeCompleted} ({percentCompleted}% of {sizeTotal})...")
            self.logMessage("<i>" + text.format(sizeCompleted=self.humanFormatSize(done), percentCompleted=percent,
                                                sizeTotal=self.humanFormatSize(totalSize)) + "</i>")

    def humanFormatSize(self, size: float) -> str:
        """Return a number of bytes as text with a fitting unit."""
        units = ["bytes", "KB", "MB", "GB", "TB"]
        while abs(size) >= 1024 and len(units) > 1:
            size /= 1024
            units.pop(0)
        return f"{size:3.1f} {units[0]}"
