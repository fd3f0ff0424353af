"""Names of the libraries whose classes are in the namespace ``slicer``."""

import sys

available_kits = sorted(name.removeprefix("slicer_core.") for name in sys.modules
                        if name.startswith("slicer_core.") and name.count(".") == 1)
