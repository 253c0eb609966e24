"""Reforms: the register of what was published and what the model says, and the test of a claim."""
