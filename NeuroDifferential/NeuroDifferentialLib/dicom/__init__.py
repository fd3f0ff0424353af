"""Lesions as DICOM objects of the patient's study, and back."""
