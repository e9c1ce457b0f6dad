"""python -m mmresearch.runner.warm: a template process."""

from mmresearch.runner.warm.template import main

main()
