"""`mmresearch simulate`: a study of invented patients, whose true effects are known."""


def simulate_folder(arguments):
    """Write the simulated study and print what to do with it."""
    from mmresearch.cli.places import writing
    from mmresearch.simulate import design, simulate_study

    seed = {} if arguments.seed is None else {"seed": arguments.seed}
    with writing(arguments.folder):
        simulate_study(arguments.folder, settings=design(arguments.design), **seed)
    print(f"A simulated study was written to {arguments.folder}.\nNext: mmresearch run {arguments.folder}")
