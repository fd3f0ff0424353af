"""Is thyroid-associated ophthalmopathy active or inactive: networks, cohorts, training, evaluation, explanation."""
