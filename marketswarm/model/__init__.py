"""What the data is: one concept a file, no I/O, no clock."""
