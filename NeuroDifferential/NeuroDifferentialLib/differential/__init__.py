"""Classification of NMOSD and MS from the lesions of a brain MRI: inputs, estimators and answers."""
