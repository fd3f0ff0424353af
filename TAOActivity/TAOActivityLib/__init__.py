"""Classification of thyroid-associated ophthalmopathy as active or inactive: networks, training, explanation."""
