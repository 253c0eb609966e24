"""What the published figures leave possible: sets of numbers, wave after wave."""
