"""Names that Windows does not take for those of files."""

from __future__ import annotations

import re

#: Kept for devices, in any case and with any ending.
_DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3])(\..*)?", re.IGNORECASE)


def is_device_name(name: str) -> bool:
    """Return whether Windows takes a name for that of a device: what is written to such a file is lost."""
    return _DEVICES.fullmatch(name) is not None


def loses_its_end(name: str) -> bool:
    """Return whether Windows drops the end of a name, so that the file is another one than was asked for."""
    return name != ".." and name.endswith((".", " "))
