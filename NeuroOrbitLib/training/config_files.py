"""Reading configuration files."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

from NeuroOrbitLib.problem import Problem

Settings = TypeVar("Settings")
#: Types of a setting's value and their description, by the annotation of the setting.
_KINDS: dict[str, tuple[type | tuple[type, ...], str]] = {
    "str": (str, "a text"), "int": (int, "a whole number"), "bool": (bool, "true or false"),
    "float": ((int, float), "a number with a point before its decimals"),
    "Mapping[str, Any]": (Mapping, "a group of settings"),
}  # fmt: skip


def read_settings(path: Path | None, kind: type[Settings]) -> Settings:
    """Return the settings in a JSON or YAML file, or the default ones without a file.

    :param path: the file; None for the default settings. Lists in it become tuples.
    :param kind: dataclass of the settings, all of which have a default value.
    :raises Problem: if the file cannot be read, or has settings that ``kind`` does not have; the message names them.
    """
    if path is None:
        return kind()
    try:
        data = read_config_file(path)
    except OSError as error:
        raise Problem(f"The settings {path} cannot be read ({error.strerror}). Check the name.") from error
    known = {item.name for item in fields(kind)}
    unknown = sorted(set(data) - known) if isinstance(data, dict) else ["what is not a list of settings"]
    if unknown:
        raise Problem(f"{path} has unknown settings: {', '.join(unknown)}. Known are: {', '.join(sorted(known))}.")
    return kind(**{key: tuple(value) if isinstance(value, list) else value for key, value in data.items()})


def read_config_file(path: Path) -> Any:
    """Read plain data from a JSON file, or from a YAML file (``.yaml``, ``.yml``) if PyYAML is installed.

    :raises Problem: if it is neither, or PyYAML is missing.
    :raises OSError: if the file cannot be opened.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Problem("This is not a text file in UTF-8.") from error
    if path.suffix.lower() in (".yaml", ".yml"):
        return _read_yaml(text)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise Problem(f"This is not JSON: {error.msg} in line {error.lineno}.") from error


def unfit_settings(what: str, missing: Sequence[str], unknown: Sequence[str], known: Sequence[str]) -> str:
    """Return the error message for a group of settings in which some are missing or unknown.

    :param what: name of the group, e.g. "schedule".
    :param missing: names of the required settings that it lacks.
    :param unknown: names of the settings in it that do not exist.
    :param known: names of all settings that it may have.
    """
    said = [f"This {what} lacks {', '.join(missing)}."] if missing else []
    said += [f"A {what} has no {', '.join(unknown)}."] if unknown else []
    return " ".join([*said, f"Its settings are: {', '.join(known)}."])


def check_kinds(data: Mapping[str, Any], kind: type) -> None:
    """Make sure that settings are texts, numbers, switches or groups where they have to be.

    :param data: plain data of the settings.
    :param kind: dataclass of the settings.
    :raises Problem: naming the setting whose value is of another kind.
    """
    for item in fields(kind):
        types, words = _KINDS.get(str(item.type), (object, ""))
        value = data.get(item.name)
        fits = isinstance(value, types) and (item.type == "bool" or not words or not isinstance(value, bool))
        if item.name in data and not fits:
            raise Problem(f"The setting {item.name} is {words}, not {value!r}. Correct it.")


def _read_yaml(text: str) -> Any:
    try:
        import yaml
    except ImportError as error:
        raise Problem("Reading YAML needs the package PyYAML. Install it, or write JSON instead.") from error
    try:
        return yaml.load(text, _with_plain_exponents(yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise Problem(f"This is not YAML: {' '.join(str(error).split())}.") from error


def _with_plain_exponents(loader: type) -> type:
    """Return a loader that reads 5e-5 as a number, as JSON does and as YAML does since version 1.2."""
    class Loader(loader):
        """See above."""

    Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"[-+]?\d+(\.\d*)?[eE][-+]?\d+$"),
                                 list("-+0123456789"))
    return Loader
