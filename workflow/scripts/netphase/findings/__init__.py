"""What a study answers, and the claims of the papers judged by it."""
