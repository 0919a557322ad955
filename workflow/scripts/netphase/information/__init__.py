"""The information limit: the highest accuracy of any classifier of noisy data."""
