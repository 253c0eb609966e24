"""History run again: the published years beside the simulated ones."""
