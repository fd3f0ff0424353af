"""NMOSD or MS by the lesions of a brain MRI: what a classifier sees, learns and answers."""
