"""The check of everything that this program assumes of the Hub and of Modal, against the services themselves."""
