"""`./dev bench [NAME …]`: run benchmarks by name; without a name, all. Options after a single name are its own."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from itertools import takewhile

import benchmarks


def main(arguments: list[str]) -> int:
    names = list(takewhile(lambda one: not one.startswith("-"), arguments))
    options = arguments[len(names) :]
    if options and len(names) != 1:
        print("options belong to one benchmark: ./dev bench NAME --option …", file=sys.stderr)
        return 2
    known = [module.name for module in pkgutil.iter_modules(benchmarks.__path__) if not module.name.startswith("_")]
    for name in names or known:
        if name not in known:
            print(f"no benchmark is called {name}; there are: {', '.join(known)}", file=sys.stderr)
            return 2
        print(f"== {name}", flush=True)
        importlib.import_module(f"benchmarks.{name}").main(*[options] if options else [])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
