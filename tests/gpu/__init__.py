"""What runs on a GPU, without Modal, accounts or a network: `make gpu` prints one table."""
