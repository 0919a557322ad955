"""How transitions change with the size of the system."""
