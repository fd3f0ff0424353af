"""What is said with every estimate; imports nothing heavy."""

from __future__ import annotations

#: What every estimate ignores.
BRAIN_ONLY = "Brain MRI only: ignores cord, optic nerve and serology."
NO_LESIONS = "No lesions were found. Without lesions there is nothing to estimate NMOSD or MS from."
