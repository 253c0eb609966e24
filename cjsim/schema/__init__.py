"""What a file may say: the tables and keys of models and experiments, and their checks."""
