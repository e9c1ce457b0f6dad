"""Throwaway notebooks for tests: a parameters cell, then whatever the test wants to run."""

import nbformat


def write_notebook(path, *cells, parameters):
    """Write a notebook of a cell tagged `parameters` and `cells`, and return its path."""
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": {
        "name": "python3", "display_name": "Python 3", "language": "python"}})
    first = nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})
    notebook.cells = [first, *(nbformat.v4.new_code_cell(cell) for cell in cells)]
    nbformat.write(notebook, path)
    return path
