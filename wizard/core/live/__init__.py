"""What this program assumes of the Hub and of Modal, and the report of a check that tried it."""
