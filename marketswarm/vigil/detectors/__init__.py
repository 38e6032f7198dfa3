"""One detector a file, each a pure function of what it remembers and one moment."""
