"""White-matter lesions in brain MRI: finding, placing and measuring them, and the criteria that they fulfil."""
