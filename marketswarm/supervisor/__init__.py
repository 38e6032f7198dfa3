"""The ordered supervisor behind `marketswarm up`: what its parts are, when each starts, what happens when one ends."""
