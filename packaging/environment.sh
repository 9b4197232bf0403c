# Sourced by build, test and measure: an environment below build/ with the program's own dependencies, in the locked
# versions, and what freezes and wraps. PYTHON names the Python that is frozen (3.11 or newer).
python="${PYTHON:-python3}"
venv=build/packaging/venv

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
  echo "$0 needs Python 3.11 or newer; PYTHON=/path/to/python3 names one" >&2
  exit 1
}
[ "$(uname)" != Linux ] || command -v objdump >/dev/null || {
  echo "$0 needs objdump: apt-get install binutils" >&2
  exit 1
}
want="$(cat requirements.lock pyproject.toml packaging/requirements.txt | cksum) $("$python" -c 'import sys; print(sys.prefix, sys.version)')"
if [ ! -f "$venv/installed-from" ] || [ "$(cat "$venv/installed-from")" != "$want" ]; then
  echo "Installing what freezes and wraps into $venv" >&2
  rm -rf "$venv"
  "$python" -m venv "$venv"
  "$venv/bin/python" packaging/tools/runtime.py >"$venv/runtime.txt"
  "$venv/bin/python" -m pip install -q --disable-pip-version-check -c requirements.lock \
    -r "$venv/runtime.txt" -r packaging/requirements.txt
  printf '%s' "$want" >"$venv/installed-from"
fi

tool() {
  name="$1"
  shift
  PYTHONPATH="$PWD:$PWD/packaging/tools" exec nice -n 10 "$venv/bin/python" "packaging/tools/$name" "$@"
}
