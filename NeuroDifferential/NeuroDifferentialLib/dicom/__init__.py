"""Lesions as DICOM objects of the patient's study: writing and reading them."""
