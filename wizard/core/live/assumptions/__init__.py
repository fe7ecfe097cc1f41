"""Everything that is assumed, by what it is assumed of."""
