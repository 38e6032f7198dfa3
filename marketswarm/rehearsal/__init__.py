"""Judges Vigil on what was made to happen: labelled scenarios in, recall and false events out. A door: it joins stages."""
