"""What `marketswarm doctor` looks at: each check is one function that gives one finding and raises nothing."""
