"""History matching: waves of simulations rule out implausible parameter sets."""
