"""A run in one file: what is needed to make its results again on another machine, and to check."""
