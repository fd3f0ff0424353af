"""Names that join a panel's .ui file, its parameter node and its code exist on both sides."""

from __future__ import annotations

import ast
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable

from Testing.Lint.source_tree import product_files, text_of, tree_of


def bound_parameters(ui: str) -> list[str]:
    """The parameters that the widgets of a .ui file are bound to."""
    properties = ElementTree.fromstring(ui).iter("property")
    return [item.findtext("string", "") for item in properties if item.get("name") == "SlicerParameterName"]


def widget_names(ui: str) -> set[str]:
    """Names of all widgets, actions and layouts of a .ui file."""
    return {name for element in ElementTree.fromstring(ui).iter() if (name := element.get("name"))}


def parameter_names(trees: Iterable[ast.Module]) -> set[str]:
    """Every parameter that can be bound: fields of parameter nodes, those of parameter packs with a dot."""
    classes = {node.name: node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    nodes = [node for node in classes.values() if _is_decorated(node, "parameterNodeWrapper")]
    return {name for node in nodes for name in _fields(node, classes, "")}


def _fields(node: ast.ClassDef, classes: dict[str, ast.ClassDef], prefix: str) -> set[str]:
    names = set()
    for field in node.body:
        if not isinstance(field, ast.AnnAssign) or not isinstance(field.target, ast.Name):
            continue
        names.add(prefix + field.target.id)
        pack = classes.get(ast.unparse(field.annotation))
        if pack and _is_decorated(pack, "parameterPack"):
            names |= _fields(pack, classes, f"{prefix}{field.target.id}.")
    return names


def _is_decorated(node: ast.ClassDef, name: str) -> bool:
    return any(ast.unparse(decorator).split("(")[0].endswith(name) for decorator in node.decorator_list)


def used_widgets(tree: ast.Module) -> list[tuple[str, int]]:
    """Every ``self.ui.name`` of the code, with its line."""
    return [
        (node.attr, node.lineno)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self.ui"
    ]


def modules_with_panels() -> dict[str, tuple[list[str], list[str]]]:
    """The .ui files and the Python files of each module that has a panel."""
    found: dict[str, tuple[list[str], list[str]]] = {}
    for ui in product_files(".ui"):
        folder = ui.split("/Resources/")[0]
        sources = [path for path in product_files(".py") if path.startswith(folder + "/") and "/Testing/" not in path]
        found.setdefault(folder, ([], sources))[0].append(ui)
    return found


def test_every_bound_parameter_exists():
    found = []
    for uis, sources in modules_with_panels().values():
        parameters = parameter_names(tree_of(path) for path in sources)
        found += [
            f"{ui}: a widget is bound to {name!r}, which is no field of the parameter node"
            for ui in uis
            for name in bound_parameters(text_of(ui))
            if name not in parameters
        ]
    assert not found, "\n".join(found)


def test_every_widget_that_the_code_uses_exists():
    found = []
    for uis, sources in modules_with_panels().values():
        names = set().union(*(widget_names(text_of(ui)) for ui in uis))
        for path in sources:
            used = [(name, line) for name, line in used_widgets(tree_of(path)) if name not in names]
            found += [f"{path}:{line}: self.ui.{name} is no widget of {', '.join(uis)}" for name, line in used]
    assert not found, "\n".join(found)


def rows_without_buddy(ui: str) -> list[str]:
    """Names of labels beside a field that do not say which field they are of: to who hears the panel, not sees it."""
    found = []
    for layout in ElementTree.fromstring(ui).iter("layout"):
        cells = {(item.get("row"), item.get("column")): item for item in layout.findall("item")}
        for (row, column), item in cells.items():
            label, beside = item.find("widget"), cells.get((row, "1"))
            field = None if beside is None else beside.find(".//widget")
            is_pair = column == "0" and label is not None and label.get("class") == "QLabel" and field is not None
            if is_pair and field.get("class") not in ("QWidget", "QLabel"):  # a place is filled by the code
                names = [part.findtext("cstring") for part in label.findall("property") if part.get("name") == "buddy"]
                found += [] if names == [field.get("name")] else [label.get("name")]
    return found


def test_every_label_says_which_field_it_is_of():
    found = [f"{ui}: the label {name} needs its field as buddy"
             for ui in product_files(".ui") for name in rows_without_buddy(text_of(ui))]
    assert not found, "\n".join(found)


UI = """<ui><widget class="qMRMLWidget" name="Orbit"><widget class="QCheckBox" name="smooth">
<property name="SlicerParameterName" stdset="0"><string>options.smooth</string></property></widget></widget></ui>"""
CODE = """
@parameterPack
class Options:
    smooth: bool = True

@parameterNodeWrapper
class OrbitParameterNode:
    inputVolume: vtkMRMLScalarVolumeNode
    options: Options
"""


def test_parameters_are_found_on_both_sides():
    assert bound_parameters(UI) == ["options.smooth"]
    assert parameter_names([ast.parse(CODE)]) == {"inputVolume", "options", "options.smooth"}


def test_widgets_are_found_on_both_sides():
    assert widget_names(UI) >= {"Orbit", "smooth"}
    assert used_widgets(ast.parse("class W:\n    def f(self):\n        self.ui.sharp.checked = True")) == [("sharp", 3)]


ROW = """<ui><layout><item row="0" column="0"><widget class="QLabel" name="a">%s</widget></item>
<item row="0" column="1"><widget class="QLineEdit" name="b"/></item></layout></ui>"""


def test_labels_without_their_field_are_found():
    assert rows_without_buddy(ROW % "") == ["a"]
    assert rows_without_buddy(ROW % '<property name="buddy"><cstring>b</cstring></property>') == []
