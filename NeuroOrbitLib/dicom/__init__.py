"""DICOM: series read as images, the fields that tell how they were made, and results written and read again."""
