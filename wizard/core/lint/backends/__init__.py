"""One module for each structured-output backend: its record, as BACKEND. The folder is the list of them."""
