"""`make bench`: every measurement, one after another."""

from bench.run import main

main()
