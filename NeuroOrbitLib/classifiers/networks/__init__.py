"""Networks for classifiers: image features, and how numbers about a patient meet them."""
