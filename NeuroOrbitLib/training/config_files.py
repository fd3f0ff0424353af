"""Reading configuration files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from NeuroOrbitLib.problem import Problem


def read_config_file(path: Path) -> Any:
    """Plain data from a JSON file, or from a YAML file where PyYAML is installed.

    :raises Problem: when it is neither.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Problem("This is not a text file.") from error
    if path.suffix.lower() in (".yaml", ".yml"):
        return _read_yaml(text)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise Problem(f"This is not JSON: {error.msg} in line {error.lineno}.") from error


def _read_yaml(text: str) -> Any:
    try:
        import yaml
    except ImportError as error:
        raise Problem("Reading YAML needs the package PyYAML. Install it, or write JSON instead.") from error
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise Problem(f"This is not YAML: {' '.join(str(error).split())}.") from error
