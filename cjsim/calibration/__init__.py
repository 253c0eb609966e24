"""The model against the published system."""
