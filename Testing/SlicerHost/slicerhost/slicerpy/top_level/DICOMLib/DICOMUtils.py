"""Use of the DICOM database by scripts (DICOMUtils.py)."""
from __future__ import annotations

import logging
import traceback
from pathlib import Path
from typing import Any

import ctk
import slicer


def importDicom(dicomDataDir: str, dicomDatabase: Any = None, copyFiles: bool = False) -> bool:
    """Take the files of a folder into the database.

    As in Slicer, False is returned for an exception alone: files that were not taken in are only logged.
    """
    try:
        indexer = ctk.ctkDICOMIndexer()
        indexer.addDirectory(slicer.dicomDatabase if dicomDatabase is None else dicomDatabase, dicomDataDir, copyFiles)
        indexer.waitForImportFinished()
    except Exception:
        traceback.print_exc()
        logging.error(f"Failed to import DICOM folder {dicomDataDir}")
        return False
    return True


def openDatabase(databaseDir: str) -> bool:
    """Open the database of a folder, which has to exist."""
    if not Path(databaseDir).is_dir():
        logging.error(f"Specified database directory {databaseDir!r} cannot be found")
        return False
    slicer.dicomDatabase.openDatabase(f"{databaseDir}/ctkDICOM.sql")
    if not slicer.dicomDatabase.isOpen:
        logging.error(f"Unable to open DICOM database {databaseDir}")
    return slicer.dicomDatabase.isOpen
