"""The process as a whole: references, end, start-up time.

Justification: measured behaviour of PySide6, VTK and slicer-core; Slicer starts and ends without a message.
"""
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import qt

HOST = Path(__file__).parents[1]


def run_in_new_process(code):
    environment = {**os.environ, "PYTHONPATH": str(HOST)}
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=240)


def test_calls_do_not_lose_references_to_none():
    # some releases of PySide6 steal a reference to None at every call, which ends the process after some thousands
    button = qt.QPushButton()
    before = sys.getrefcount(None)
    for _ in range(500):
        button.setEnabled(True)
        button.update()
    assert sys.getrefcount(None) >= before - 50


def test_process_ends_cleanly_and_starts_without_torch():
    # views must not be taken apart by hand; the start of the application imports nothing heavy
    result = run_in_new_process(
        "import sys\nfrom slicerhost import session, errors\nrunning = session.start()\n"
        "import slicer\nslicer.mrmlScene.AddNewNodeByClass('vtkMRMLModelNode')\nrunning.process_events()\n"
        "assert not errors.problems(), errors.problems()\n"
        "assert 'torch' not in sys.modules and 'monai' not in sys.modules\nprint('done')\n")
    assert result.stdout.split()[-1] == "done" and result.returncode == 0, result.stderr


def test_importing_the_package_costs_nothing():
    # `import slicerhost` must not start anything
    result = run_in_new_process("import sys, slicerhost\nprint('PySide6' in sys.modules, 'vtk' in sys.modules)")
    assert result.stdout.split() == ["False", "False"]
