"""Summarise previews: `python -m operations.preview_summary`."""

from operations.preview_summary.cli import main

if __name__ == "__main__":
    main()
