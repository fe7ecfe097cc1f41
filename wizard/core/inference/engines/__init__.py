"""One module for each inference engine: its record, as ENGINE. The folder is the list of them."""
