"""What the test of a claim found, in words."""
