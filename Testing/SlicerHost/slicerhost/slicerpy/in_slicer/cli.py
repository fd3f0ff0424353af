"""Command line modules. ``slicer-core`` brings none; the calls work with any module that has a CLI logic."""
from __future__ import annotations

from typing import Any


def createNode(cliModule: Any, parameters: dict[str, Any] | None = None) -> Any:
    """Return a new vtkMRMLCommandLineModuleNode for the module, or None if the module has no CLI logic."""
    if not cliModule:
        return None
    logic = cliModule.logic()
    if not logic:
        print(f"The module '{cliModule.name}' has no logic that could run it from the command line")
        return None
    node = logic.CreateNodeInScene()
    setNodeParameters(node, parameters)
    return node


def setNodeParameters(node: Any, parameters: dict[str, Any] | None) -> None:
    """Set parameters by name: numbers, texts, nodes, and lists (stored as text with commas)."""
    import slicer

    if not node:
        return
    for name, value in (parameters or {}).items():
        if isinstance(value, (list, tuple)):
            value = str(list(value))[1:-1]
        # bool before int, of which it is a subclass
        setters = ((str, node.SetParameterAsString), (bool, node.SetParameterAsBool), (int, node.SetParameterAsInt),
                   (float, node.SetParameterAsDouble), (slicer.vtkMRMLNode, node.SetParameterAsNode))
        setter = next((method for type_, method in setters if isinstance(value, type_)), None)
        if setter is None:
            print(f"The parameter '{name}' has the type {type(value).__name__}, which cannot be passed on")
        else:
            setter(name, value)


def run(module: Any, node: Any = None, parameters: dict[str, Any] | None = None, wait_for_completion: bool = False,
        delete_temporary_files: bool = True, update_display: bool = True, hide_window: bool = True) -> Any:
    """Start a CLI module with the parameters of a node (a new one if none is given) and return the node."""
    if node:
        setNodeParameters(node, parameters)
    else:
        node = createNode(module, parameters)
        if not node:
            return None
    logic = module.logic()
    logic.SetDeleteTemporaryFiles(int(delete_temporary_files))
    logic.SetHideWindow(int(hide_window))
    start = logic.ApplyAndWait if wait_for_completion else logic.Apply
    start(node, update_display)
    return node


def runSync(module: Any, node: Any = None, parameters: dict[str, Any] | None = None,
            delete_temporary_files: bool = True, update_display: bool = True, hide_window: bool = True) -> Any:
    """Like ``run``, returning when the module has finished."""
    return run(module, node=node, parameters=parameters, wait_for_completion=True,
               delete_temporary_files=delete_temporary_files, update_display=update_display)


def cancel(node: Any) -> None:
    """Not available in Slicer either."""
    print("Cancelling a command line module is not available")
