"""Networks that process a scan slice by slice: thick slices in their plane, thin ones in three planes."""
