"""What a classifier can reach at all when its data drown in noise."""
