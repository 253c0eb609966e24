"""What no single table can say of itself: that the parts of a model fit one another."""
