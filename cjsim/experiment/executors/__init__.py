"""Who does the work: this process, worker processes beside it, or workers on many machines."""
