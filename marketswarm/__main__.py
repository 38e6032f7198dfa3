"""`python -m marketswarm` is the same as `marketswarm`."""

from marketswarm.cli import main

if __name__ == "__main__":
    main()
