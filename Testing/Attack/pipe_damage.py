"""Bytes that a worker must never send, and a program that sends them instead of a worker."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

_PROGRESS = {"job": 1, "event": "progress", "fraction": 0.5, "message": "Working"}


def _line(**changes: object) -> bytes:
    return json.dumps({**_PROGRESS, **changes}).encode() + b"\n"


#: Bytes on the event channel after which a run must end with a message.
GARBAGE: dict[str, bytes] = {
    "text": b"Segmentation fault (core dumped)\n",
    "binary": bytes(range(256)) * 40 + b"\n",
    "a line that never ends": b"x" * (5 << 20),
    "a list": b"[1, 2, 3]\n",
    "a number": b"42\n",
    "no event": b'{"job": 1}\n',
    "an unknown event": _line(event="explosion"),
    "an event that is a list": _line(event=[1]),
    "a job that is text": _line(job="1"),
    "a fraction that is text": _line(fraction="half"),
    "a fraction that is no number": b'{"job": 1, "event": "progress", "fraction": NaN, "message": ""}\n',
    "an infinite fraction": b'{"job": 1, "event": "progress", "fraction": 1e999, "message": ""}\n',
    "a failure without words": b'{"job": 1, "event": "failure", "kind": "crash"}\n',
    "a failure of another kind": b'{"job": 1, "event": "failure", "kind": "x", "message": "", "details": ""}\n',
    "nested deeply": b"[" * 100_000 + b"\n",
    "a file elsewhere": b'{"job": 1, "file": "../../secret.json"}\n',
    "a file that is not there": b'{"job": 1, "file": "event-1.json"}\n',
    "two events in one line": json.dumps(_PROGRESS).encode() * 2 + b"\n",
    "a good event, then garbage": _line() + b"\xff\xfe\x00\n",
    "the end of the channel": b"",
    "half a line": _line()[:20],
}


def random_garbage(count: int, seed: int) -> list[bytes]:
    """Return good lines with a few bytes exchanged, each followed by a line end."""
    chance, found = random.Random(seed), []
    for _ in range(count):
        line = bytearray(_line()[:-1])
        for _change in range(chance.randint(1, 6)):
            line[chance.randrange(len(line))] = chance.randrange(256)
        found.append(bytes(line) + b"\n")
    return found


def false_worker(folder: Path, content: bytes) -> str:
    """Write a program that replaces a worker's Python: it sends ``content``, closes its channel and does not end."""
    (folder / "content.bin").write_bytes(content)
    program = folder / "false-python"
    program.write_text(
        f"#!{sys.executable}\nimport os, time\n"
        f"with open({str(folder / 'content.bin')!r}, 'rb') as file:\n    content = file.read()\n"
        "while content:\n    content = content[os.write(1, content):]\n"
        "os.close(1)\ntime.sleep(60)\n", encoding="utf-8")
    program.chmod(0o755)
    return str(program)
