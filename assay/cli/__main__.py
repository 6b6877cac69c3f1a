"""``python -m assay.cli``: the command without its script."""

from assay.cli import main

if __name__ == "__main__":
    main()
