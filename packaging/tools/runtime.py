"""What the program itself depends on, a line each: tests and checks do not belong into a package."""

import tomllib
from pathlib import Path

if __name__ == "__main__":
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))
    print(*project["project"]["dependencies"], sep="\n")
