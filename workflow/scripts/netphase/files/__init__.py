"""Files written whole or not at all, with checksums, and the attributes of their variables."""
