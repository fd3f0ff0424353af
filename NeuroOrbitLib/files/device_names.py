"""File names with a special meaning in Windows."""

from __future__ import annotations

import re

#: Names that Windows reserves for devices, in upper or lower case and with any ending.
_DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3])(\..*)?", re.IGNORECASE)


def is_device_name(name: str) -> bool:
    """Return whether Windows reserves a name for a device; anything written to such a file is lost."""
    return _DEVICES.fullmatch(name) is not None


def loses_its_end(name: str) -> bool:
    """Return whether Windows drops the end of a name (a dot or space), so that the file gets a different name."""
    return name != ".." and name.endswith((".", " "))
