"""What pure code says to the user in a panel can be translated."""

from __future__ import annotations

import ast
import re

import pytest

from Testing.Lint.source_tree import product_sources, tree_of

#: Rooms whose problems, notices and progress a panel shows.
ROOMS = (
    "NeuroOrbitLib/dicom/", "NeuroOrbitLib/files/safe.py", "NeuroOrbitLib/imaging/", "NeuroOrbitLib/jobs/",
    "NeuroOrbitLib/label_maps/", "NeuroOrbitLib/models/", "NeuroOrbitLib/saliency/",
    *(f"NeuroOrbitLib/classifiers/{name}.py" for name in (
        "asked", "cohort", "column_file", "columns", "distribution", "estimate", "file_answers", "gate",
        "novelty", "number_words", "prefilled")),
    "NeuroOrbitLib/classifiers/number_inputs.py",
    "NeuroOrbitLib/classifiers/plain_parameters.py", "NeuroOrbitLib/classifiers/recalibration.py",
    "NeuroOrbitLib/classifiers/typed_values.py", "NeuroOrbitLib/classifiers/wording.py",
    *(f"NeuroOrbitLib/measurements/{name}.py" for name in (
        "compare", "exophthalmos", "gland", "globe", "head_frame", "job", "labels", "meanings", "measure", "muscles",
        "nerve", "normal", "orbit", "reasons", "rims", "signal")),
    "NeuroOrbitLib/radiomics/",
    "IVGCResponse/IVGCResponseLib/", "NeuroDifferential/NeuroDifferentialLib/",
    "OrbitSegmentation/OrbitSegmentationLib/annotation/",
    "OrbitSegmentation/OrbitSegmentationLib/any_contrast/", "OrbitSegmentation/OrbitSegmentationLib/paper_networks/",
    "OrbitSegmentation/OrbitSegmentationLib/pipeline.py", "OrbitSegmentation/OrbitSegmentationLib/quality/",
    "OrbitSegmentation/OrbitSegmentationLib/refinement/", "OrbitSegmentation/OrbitSegmentationLib/run_model.py",
    "TAOActivity/TAOActivityLib/familiarity.py", "TAOActivity/TAOActivityLib/pipeline.py",
    "TAOActivity/TAOActivityLib/preparation.py", "TAOActivity/TAOActivityLib/run_activity.py",
    "TAOActivity/TAOActivityLib/sequence.py", "TAOActivity/TAOActivityLib/wording.py",
)  # fmt: skip
#: Of these rooms, what only the command line does, what reports say, and the parts of panels, which
#: are translated by Slicer's own means.
ONLY_COMMANDS = ("/training/", "/training.py", "/fine_tuning/", "/train.py", "/slabs.py", "/correction/samples.py",
                 "/networks.py", "/networks/", "/tasks.py", "/commands/", "/command.py", "/estimators.py",
                 "/cohort_table.py", "/make_priors.py", "/scan_tables.py", "/synthetic/plan.py",
                 "/synthetic/cohort.py", "/synthetic/clinical_priors.py", "Lib/task.py", "/__main__.py", "/report.py",
                 "/registry.py", "/mrml/", "/widgets/")
#: Errors of the program, which no panel shows as they are.
_PROGRAM_ERRORS = {"ValueError", "TypeError", "KeyError", "LookupError", "RuntimeError", "NotImplementedError"}
_SENTENCE = re.compile(r"[A-Z][a-z]+ .*[a-z]{2}[.?]( |$)", re.DOTALL)
_TELLS = re.compile(r"(Problem|NotWritten|UnsuitableVolume|NameTaken|WouldReplace|ChangedByOther)$")
_LISTS = {"notes", "notices", "problems", "texts"}


def sentence_findings(path: str, tree: ast.Module) -> list[str]:
    """Sentences of one pure file that no translator sees."""
    found = [f'{path}:{text.lineno}: a panel shows this: _("... {{name}}").format(name=...) of NeuroOrbitLib.sentences'
             for call in ast.walk(tree) if isinstance(call, ast.Call)
             for text in _told(call) if _is_plain(text)]
    found += [f'{path}:{text.lineno}: no translator sees this sentence: _("...") of NeuroOrbitLib.sentences'
              for text in _unseen_sentences(tree)]
    return found + [f"{path}:{function.lineno}: {function.name} calls _() and uses the name _ for something else"
                    for function in ast.walk(tree) if isinstance(function, ast.FunctionDef) and _shadows(function)]


def _told(call: ast.Call) -> list[ast.expr]:
    """What a call tells the user."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if _TELLS.search(name) or name in ("warning", "missing"):  # Measured.missing: "Not measurable because ..."
        return call.args[:1]
    if name == "progress":
        return call.args[1:2]
    if name == "append" and getattr(getattr(call.func, "value", None), "id", "") in _LISTS:
        return call.args[:1]
    return []


def _unseen_sentences(tree: ast.Module) -> list[ast.Constant]:
    """Whole sentences that are neither marked for translators, nor docstrings, nor of errors of the program."""
    seen: set[int] = set()
    for node in ast.walk(tree):
        marked = isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"_", *_PROGRAM_ERRORS}
        if marked or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            seen |= {id(part) for part in ast.walk(node)}
    return [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
            and id(node) not in seen and _SENTENCE.match(node.value)]


def _is_plain(text: ast.expr) -> bool:
    if isinstance(text, ast.IfExp):
        return _is_plain(text.body) or _is_plain(text.orelse)
    if isinstance(text, ast.JoinedStr):
        return any(_is_plain(part) for part in text.values if isinstance(part, ast.Constant))
    if isinstance(text, ast.BinOp):
        return _is_plain(text.left) or _is_plain(text.right)
    return isinstance(text, ast.Constant) and isinstance(text.value, str) and bool(re.search("[A-Za-z]{3}", text.value))


def _shadows(function: ast.FunctionDef) -> bool:
    own = [node for statement in function.body for node in _outside_comprehensions(statement)]
    is_bound = any(isinstance(node, ast.Name) and node.id == "_" and isinstance(node.ctx, ast.Store) for node in own)
    return is_bound and any(isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_" for node in own)


def _outside_comprehensions(node: ast.AST) -> list[ast.AST]:
    """The nodes below a node whose names belong to its function."""
    if isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda)):
        return [call for call in ast.walk(node) if isinstance(call, ast.Call)]
    return [node, *(inner for child in ast.iter_child_nodes(node) for inner in _outside_comprehensions(child))]


def _is_shown(path: str) -> bool:
    return path.startswith(ROOMS) and not any(part in path for part in ONLY_COMMANDS)


def test_sentences_of_pure_code_can_be_translated():
    found = [finding for path in product_sources() if _is_shown(str(path))
             for finding in sentence_findings(str(path), tree_of(path))]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "code",
    [
        'raise Problem(f"There is no {name}.")',
        'raise ImageProblem("Choose another scan.")',
        'warning("Check " + name)',
        'progress(0.5, "Reading the scan")',
        'notes.append("The numbers are too high.")',
        'def f():\n    return "The muscles are missing. Segment them."',
        'ADVICE = ("Choose another series of "\n          "the orbits.")',
        'def f():\n    image, _ = g()\n    return _("Done")',
    ],
)
def test_a_sentence_that_no_translator_sees_is_found(code):
    assert sentence_findings("NeuroOrbitLib/imaging/x.py", ast.parse(code))


@pytest.mark.parametrize(
    "code",
    [
        'raise Problem(_("There is no {name}.").format(name=name))',
        'raise Problem(str(error))',
        'def f():\n    """Return what is there."""\n    raise ValueError("The value is not known.")',
        "warning(text)",
        "progress(0.5)",
        'def f():\n    return _("Done"), [x for x, _ in pairs]',
    ],
)
def test_a_sentence_that_a_translator_sees_is_allowed(code):
    assert not sentence_findings("NeuroOrbitLib/imaging/x.py", ast.parse(code))
