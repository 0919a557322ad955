"""Files written whole or not at all, and what they say of themselves."""
