"""JSON files with a checksum: what is read is what was written, or the user is told."""

from __future__ import annotations

import json

import pytest

from NeuroOrbitLib.files.checked_json import CHECKSUM, read_checked_json, write_checked_json
from NeuroOrbitLib.problem import Problem

CONTENT = {"case": "Größe 1", "probabilities": [[0.25, 0.75], [1e-9, 1.0]], "nested": {"b": None, "a": True}}


def test_what_was_written_is_read(tmp_path):
    path = write_checked_json(tmp_path / "folder" / "a.json", CONTENT)
    assert read_checked_json(path) == CONTENT


def test_people_and_other_programs_may_rewrite_the_file_as_long_as_they_change_nothing(tmp_path):
    path = write_checked_json(tmp_path / "a.json", CONTENT)
    path.write_text(json.dumps(dict(reversed(json.loads(path.read_text("utf-8")).items()))))
    assert read_checked_json(path) == CONTENT


@pytest.mark.parametrize("old, new", [("0.75", "0.25"), ("true", "false"), ("case", "care"), (CHECKSUM, "sha"),
                                      ("{", ""), ("}", "]")])
def test_a_change_is_told(tmp_path, old, new):
    path = write_checked_json(tmp_path / "a.json", CONTENT)
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    with pytest.raises(Problem, match=r"a\.json is damaged\. Take it from a copy"):
        read_checked_json(path)


@pytest.mark.parametrize("content", [b"", b"[1]", b"7", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_such_file_is_told(tmp_path, content):
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(Problem, match="is damaged"):
        read_checked_json(tmp_path / "a.json", is_older=lambda _: True)


def test_a_file_of_an_older_version_is_read_without_a_checksum(tmp_path):
    (tmp_path / "a.json").write_text('{"format": 1}', encoding="utf-8")
    assert read_checked_json(tmp_path / "a.json", lambda content: content["format"] == 1) == {"format": 1}
    with pytest.raises(Problem, match="is damaged"):
        read_checked_json(tmp_path / "a.json", lambda content: content["format"] == 0)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(Problem, match=r"cannot be read \(No such file"):
        read_checked_json(tmp_path / "a.json")
