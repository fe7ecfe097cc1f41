"""What is done to find out, by the id of each assumption."""
