from __future__ import annotations

import re

import pytest
from PySide6.QtWidgets import QApplication

from radrecon.ui.print_pdf import as_pdf

ROW = "<tr><td>{0}</td><td>accession A{0} is not known; no order that was heard fits</td></tr>"


def pages(rows: int) -> int:
    table = "".join(ROW.format(number) for number in range(rows))
    found = as_pdf(f"<html><head><style>x</style></head><body><table>{table}</table></body></html>", "Daily report")
    assert found.startswith(b"%PDF-")
    return len(re.findall(rb"/Type /Page\b", found))


@pytest.mark.parametrize(("rows", "wanted"), [(0, 1), (10, 1), (120, 3)])
def test_a_long_report_goes_on_on_further_pages(qapp: QApplication, rows: int, wanted: int) -> None:
    assert pages(rows) == wanted
