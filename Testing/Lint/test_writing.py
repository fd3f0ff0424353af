"""Files of the product are written through NeuroOrbitLib.files.safe, whole or not at all; the exceptions say why."""

from __future__ import annotations

import ast

from Testing.Lint.source_tree import product_sources, tree_of

#: Calls that write a file, or move one to its place, by the last part of their name.
WRITES = {"write_text", "write_bytes", "savez", "savez_compressed", "tofile", "to_csv", "WriteImage", "dcmwrite",
          "save_as", "rename", "copyfile", "copy2", "copytree", "savetxt"}
#: Of modules whose other functions of these names do something else.
OF_MODULES = {"numpy.save", "np.save", "torch.save", "os.replace", "shutil.move", "nib.save", "nibabel.save"}
#: What writes by itself: files and folders of the product, and why that is right there.
ALLOWED = {
    "NeuroOrbitLib/files/": "the one place",
    "NeuroOrbitLib/jobs/": "folders of a job, which end with it",
    "NeuroOrbitLib/models/": "new folders, which replace packages as a whole",
    "NeuroOrbitLib/training/checkpoint.py": "large files with a digest of their own; the one before is kept",
    "NeuroOrbitLib/imaging/files.py": "called by write_files",
    "NeuroOrbitLib/dicom/beside_series.py": "called by write_files",
    "NeuroOrbitLib/dicom/pixels.py": "temporary folder", "NeuroOrbitLib/dicom/segmentation.py": "folder of a job",
    "NeuroOrbitLib/clinical_report/content.py": "folder of a job",
    "NeuroOrbitLib/mrml/dicom_results.py": "folder of a job",
    "NeuroOrbitLib/mrml/phantoms.py": "called by write_files",
    "NeuroOrbitLib/anatomy/write_resources.py": "resources of the repository",
    "NeuroOrbitLib/phantom/patients/write_thumbnails.py": "resources of the repository",
    "NeuroDifferential/NeuroDifferentialLib/differential/synthetic/write_thumbnails.py": "resources of the repository",
    "NeuroDifferential/NeuroDifferentialLib/anatomy/priors.py": "resources of the repository",
    "NeuroDifferential/NeuroDifferentialLib/slices/training.py": "task whose result is written last",
    "OrbitSegmentation/OrbitSegmentationLib/any_contrast/fine_tuning/orbits.py": "case that is marked when it is whole",
    "OrbitSegmentation/OrbitSegmentationLib/paper_networks/training/samples.py": "called by write_files",
    "OrbitSegmentation/OrbitSegmentationLib/batch/work.py": "task whose result is written last",
    "OrbitSegmentation/OrbitSegmentationLib/mrml/open_case.py": "called by write_files",
    "OrbitSegmentation/OrbitSegmentationLib/effects/correction_worker.py": "folder of a job",
    "OrbitSegmentation/OrbitSegmentationLib/refinement/correction/job.py": "folder of a job",
}


def own_writers(path: str, tree: ast.Module) -> list[str]:
    """Places of a file that write without NeuroOrbitLib.files.safe."""
    if any(path.startswith(place) for place in ALLOWED):
        return []
    return [f"{path}:{call.lineno}: write it with NeuroOrbitLib.files.safe: {ast.unparse(call.func)}"
            for call in ast.walk(tree) if isinstance(call, ast.Call) and _writes(call)]


def _writes(call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute):
        return isinstance(call.func, ast.Name) and call.func.id == "open" and _is_to_write(call.args[1:2])
    if call.func.attr == "open":
        return _is_to_write(call.args[:1])
    return call.func.attr in WRITES or ast.unparse(call.func) in OF_MODULES


def _is_to_write(mode: list[ast.expr]) -> bool:
    return bool(mode) and isinstance(mode[0], ast.Constant) and isinstance(mode[0].value, str) and bool(
        set("wax") & set(mode[0].value)) and set(mode[0].value) <= set("rwaxbt+")


def test_files_are_written_in_one_place():
    found = [finding for path in product_sources() for finding in own_writers(path, tree_of(path))]
    assert not found, "\n".join(found)


def test_every_exception_is_still_one():
    sources = product_sources()
    writing = {path for path in sources if any(isinstance(call, ast.Call) and _writes(call)
                                               for call in ast.walk(tree_of(path)))}
    unused = [place for place in ALLOWED if not any(path.startswith(place) for path in writing)]
    assert not unused, unused


def test_a_file_that_is_written_elsewhere_is_found():
    for text in ("path.write_text('x')", "np.save(path, a)", "path.open('wb')", "open(path, 'w')", "shutil.move(a, b)"):
        assert own_writers("TAOActivity/TAOActivityLib/new.py", ast.parse(text)), text
    for text in ("path.open()", "open(path)", "path.open('rb')", "write_text(path, 'x')", "text.replace('a', 'b')"):
        assert not own_writers("TAOActivity/TAOActivityLib/new.py", ast.parse(text)), text
