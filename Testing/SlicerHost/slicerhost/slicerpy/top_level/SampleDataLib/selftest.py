"""The self-test of the SampleData module; it needs no network."""
from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

import slicer
from slicer.ScriptedLoadableModule import ScriptedLoadableModuleTest

from .logic import SampleDataLogic
from .source import SampleDataSource


class SampleDataTest(ScriptedLoadableModuleTest):
    """Run by "Reload and Test" and by the SelfTests module."""

    def setUp(self) -> None:
        slicer.mrmlScene.Clear(0)

    def test_downloadedFileIsVerifiedAndReused(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            served = Path(folder) / "served.txt"
            served.write_bytes(b"orbit")
            digest = hashlib.sha256(b"orbit").hexdigest()
            logic = SampleDataLogic()
            source = SampleDataSource(uris=served.as_uri(), fileNames="selftest.txt", loadFiles=False,
                                      checksums=f"SHA256:{digest}")
            (path,) = logic.downloadFromSource(source)
            self.assertEqual(Path(path).read_bytes(), b"orbit")
            served.unlink()
            self.assertEqual(logic.downloadFromSource(source), [path])
            os.remove(path)

    def test_registeredSampleIsFoundByName(self) -> None:
        source = SampleDataLogic().sourceForSampleName("MRHead")
        self.assertEqual(SampleDataLogic().categoryForSource(source), "General")
