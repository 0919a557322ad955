"""The Ising model on square lattices, whose transition is known exactly."""
