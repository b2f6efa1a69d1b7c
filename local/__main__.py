"""Run the embedded environment: `python -m local COMMAND`."""

from local.cli import main

if __name__ == "__main__":
    main()
