"""DICOM: reading series as images and the fields that say how they were made; writing and reading results."""
