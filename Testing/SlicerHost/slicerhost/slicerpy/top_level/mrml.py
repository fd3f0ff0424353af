"""The classes of the MRML libraries."""

from slicer_core.MRMLCLI import *  # noqa: F403
from slicer_core.MRMLCore import *  # noqa: F403
from slicer_core.MRMLDisplayableManager import *  # noqa: F403
from slicer_core.MRMLLogic import *  # noqa: F403
