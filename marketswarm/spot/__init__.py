"""The heartbeat: spot of every symbol on the wall clock's ten-second marks."""
