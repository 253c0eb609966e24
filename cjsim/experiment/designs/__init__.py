"""Many variants of one experiment: sweeps, tornados, what nobody knows, ensembles."""
