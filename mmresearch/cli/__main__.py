import sys

from mmresearch.cli import main

if __name__ == "__main__":  # worker processes import this module again, and must not run a command
    sys.exit(main())
