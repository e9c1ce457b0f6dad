"""An executed notebook as a page shows it: the code of this run, not what the notebook would do without one."""

import json
import re

import pytest

from mmresearch.report.notebook import read_notebook


@pytest.mark.parametrize("tag, shown", [
    ("injected-parameters", ["of_the_run"]), ("another-tag", ["of_another", "of_the_run"])])
def test_parameters_that_the_run_replaced_are_not_shown(tmp_path, tag, shown):
    sources = {"parameters": "study = 'of_another'", tag: "study = 'of_the_run'", "": "print(study)"}
    cells = [{"cell_type": "code", "metadata": {"tags": [name]} if name else {}, "source": source,
              "outputs": [] if name else [{"text": "said"}]} for name, source in sources.items()]
    path = tmp_path / "page.ipynb"
    path.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    block, = read_notebook(path)
    assert re.findall("of_[a-z_]+", block.code) == shown and block.code.endswith("print(study)")
