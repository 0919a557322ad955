"""Learning machines: trained, stored and scored."""
