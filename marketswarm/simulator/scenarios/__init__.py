"""What is made to happen in the simulated market, when, and under which name."""
