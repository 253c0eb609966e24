"""How a case moves from arrest to disposal in England and Wales, step by step."""
