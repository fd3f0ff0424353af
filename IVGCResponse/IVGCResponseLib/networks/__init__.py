"""The networks of the response study."""
