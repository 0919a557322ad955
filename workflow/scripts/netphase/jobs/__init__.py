"""Context of a job: its log, its provenance, its cost and the digest of its code."""
