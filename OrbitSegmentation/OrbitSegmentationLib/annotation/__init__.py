"""Making ground truth by hand: list of cases, what is done, time, export plan (pure; the panel is in ..widgets)."""
