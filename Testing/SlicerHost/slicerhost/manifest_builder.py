"""Build api_manifest.json: what Slicer's and CTK's Qt classes offer to Python, read from their headers.

Usage: python -m slicerhost.manifest_builder SLICER_SOURCE CTK_SOURCE

PythonQt shows the Q_PROPERTYs, public slots, Q_INVOKABLE methods, signals and enumerations of a class, and the methods
that `*PythonQtDecorators.h` headers add. Only names are recorded.
"""
from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from slicerhost.manifest import MANIFEST_FILE, normalised_arguments

_CLASS = re.compile(r"\bclass\s+(?:[A-Z_0-9]+EXPORT\s+)?((?:qMRML|qSlicer|ctk)\w+)\s*(?:final\s*)?:\s*public\s+"
                    r"([\w:]+)[^{;]*\{")
_PROPERTY = re.compile(r"Q_PROPERTY\(\s*([\w:<>*, ]+?)\s*\b(\w+)\s+(?:READ|MEMBER)([^)]*)\)")
_ENUM = re.compile(r"\benum\s+(?:class\s+)?(\w+)?\s*(?::\s*\w+\s*)?\{([^}]*)\}")
_SECTION = re.compile(r"\b(public\s+(?:slots|Q_SLOTS)|protected\s+(?:slots|Q_SLOTS)|private\s+(?:slots|Q_SLOTS)|public|"
                      r"protected|private|signals|Q_SIGNALS)\s*:(?!:)")
_FUNCTION = re.compile(r"([\w~]+)\s*\(([^()]*(?:\([^()]*\)[^()]*)*)\)\s*"
                       r"(?:const|override|final|=\s*0|=\s*default|\s)*$")
_DECORATED = re.compile(r"\b(\w+)\s*\(\s*(?:const\s+)?((?:qMRML|qSlicer|ctk)\w+)\s*\*\s*\w+\s*[,)]")
_DECORATED_STATIC = re.compile(r"\bstatic_((?:qMRML|qSlicer|ctk)\w+?)_(\w+)\s*\(")


def build(*source_folders: Path) -> dict[str, dict[str, Any]]:
    """Return the manifest of all classes declared below the folders, by class name."""
    classes: dict[str, dict[str, Any]] = {}
    decorators: list[str] = []
    for header in sorted(path for folder in source_folders for path in _headers(folder)):
        text = _without_comments(header.read_text(errors="ignore"))
        if header.name.endswith("PythonQtDecorators.h"):
            decorators.append(text)
        for match in _CLASS.finditer(text):
            _add_class(classes, match.group(1), match.group(2).split("::")[-1], _body(text, match.end()))
    for text in decorators:
        _add_decorators(classes, text)
    return dict(sorted(classes.items()))


def _headers(folder: Path) -> Iterator[Path]:
    for pattern in ("q*.h", "ctk*.h"):
        for path in folder.rglob(pattern):
            if not path.name.endswith("_p.h") and "Testing" not in path.parts:
                yield path


def _without_comments(text: str) -> str:
    """Return the text without comments and without the contents of string literals, which may look like comments."""
    pattern = re.compile(r'"(?:\\.|[^"\\\n])*"|/\*.*?\*/|//[^\n]*', flags=re.DOTALL)
    return pattern.sub(lambda match: '""' if match.group(0).startswith('"') else "", text)


def _body(text: str, start: int) -> str:
    """Return the text up to the brace that closes the one before start."""
    depth, end = 1, start
    while depth and end < len(text):
        depth += (text[end] == "{") - (text[end] == "}")
        end += 1
    return text[start:end - 1]


def _add_class(classes: dict[str, dict[str, Any]], name: str, base: str, body: str) -> None:
    entry = classes.setdefault(name, {"base": base, "properties": {}, "enums": {}, "methods": [], "signals": []})
    entry["properties"].update({match[2]: "WRITE" in match[3] for match in _PROPERTY.finditer(body)})
    entry["enums"].update({match[1] or "": _enum_values(match[2]) for match in _ENUM.finditer(body)})
    for section, function, arguments, declaration in _functions(body):
        if function in (name, "~" + name) or function.startswith("Q_"):
            continue
        if section == "signals":
            _add_signal(entry["signals"], function, arguments)
        elif section == "slots" or (section == "public" and "Q_INVOKABLE" in declaration):
            _add_once(entry["methods"], function)


def _functions(body: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield section, name, arguments and text of each function declared in a class body."""
    flat = body
    while "{" in flat and (reduced := re.sub(r"\{[^{}]*\}", ";", flat)) != flat:
        flat = reduced
    section = "private"
    for part in _SECTION.split(flat):
        if _SECTION.fullmatch(part + ":"):
            section = _section(part)
            continue
        for statement in part.split(";"):
            match = _FUNCTION.search(statement.strip())
            if match:
                yield section, match.group(1), match.group(2), statement


def _section(keyword: str) -> str:
    if keyword in ("signals", "Q_SIGNALS"):
        return "signals"
    if keyword.startswith("public"):
        return "public" if keyword == "public" else "slots"
    return "private"


def _add_signal(signals: list[str], name: str, arguments: str) -> None:
    """Record the signal in every form that default arguments allow."""
    parts = [part for part in re.split(r",(?![^<]*>)", arguments) if part.strip()]
    required = next((index for index, part in enumerate(parts) if "=" in part), len(parts))
    for count in range(required, len(parts) + 1):
        kinds = [_argument_type(part) for part in parts[:count]]
        _add_once(signals, f"{name}({','.join(normalised_arguments(','.join(kinds)))})")


def _argument_type(argument: str) -> str:
    declaration = argument.split("=")[0].strip()
    match = re.fullmatch(r"(.*[\s&*>])(\w+)", declaration, flags=re.DOTALL)
    is_named = match is not None and match.group(1).strip() not in ("const", "unsigned")
    return match.group(1).strip() if is_named else declaration


def _enum_values(text: str) -> dict[str, int | None]:
    """Return the names of an enumeration with their values; None for a value that needs a compiler."""
    values: dict[str, int | None] = {}
    current: int | None = -1
    for item in text.split(","):
        match = re.match(r"\s*(\w+)\s*(?:=\s*(.+))?$", item.strip(), flags=re.DOTALL)
        if match:
            expression = match.group(2)
            current = _value(expression, values) if expression else (None if current is None else current + 1)
            values[match.group(1)] = current
    return values


def _value(expression: str, known: dict[str, int | None]) -> int | None:
    """Return the value of a sum, shift or union of integers and known names, or None."""
    text = re.sub(r"\b[A-Za-z_]\w*", lambda name: str(known.get(name.group(0))), expression.strip())
    hexadecimal_or_plain = re.fullmatch(r"[\s\d|()<+x-]*[\da-fA-F)\s|<+x-]*", text)
    try:
        return int(eval(text, {"__builtins__": {}})) if hexadecimal_or_plain else None
    except (NameError, SyntaxError, TypeError):
        return None


def _add_decorators(classes: dict[str, dict[str, Any]], text: str) -> None:
    for match in _DECORATED_STATIC.finditer(text):
        if match.group(1) in classes:
            _add_once(classes[match.group(1)]["methods"], match.group(2))
    for match in _DECORATED.finditer(text):
        method, name = match.groups()
        if name in classes and not method.startswith(("new_", "delete_", "static_")):
            _add_once(classes[name]["methods"], method)


def _add_once(names: list[str], name: str) -> None:
    if name not in names:
        names.append(name)


def main() -> None:
    """Write the manifest of the source folders named on the command line."""
    manifest = build(*map(Path, sys.argv[1:]))
    lines = (f"{json.dumps(name)}: {json.dumps(entry)}" for name, entry in manifest.items())
    MANIFEST_FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(f"{len(manifest)} classes written to {MANIFEST_FILE}")


if __name__ == "__main__":
    main()
