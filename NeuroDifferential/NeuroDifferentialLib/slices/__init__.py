"""Networks that look at a scan slice by slice: thick slices in their plane, thin ones in three planes."""
