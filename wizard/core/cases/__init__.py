"""Whether answers are right: cases with expected values, rules by field, accuracy and its report. Pure rules."""
