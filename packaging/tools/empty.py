"""An empty window: the least that a desk could be, frozen like the desk, to measure it against."""

from __future__ import annotations

import sys

from PySide6.QtWidgets import QApplication, QLabel, QMainWindow

app = QApplication(sys.argv)
window = QMainWindow()
window.setCentralWidget(QLabel("empty"))
window.resize(1200, 800)
window.show()
sys.exit(app.exec())
