#!/bin/sh
# Makes the virtual environment that every command runs in. Needs Python 3.13, says so if it is missing.
set -eu
venv=$1

find_python() {
    for candidate in python3.13 python3 python; do
        if command -v "$candidate" >/dev/null 2>&1 &&
            "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    if command -v pyenv >/dev/null 2>&1; then
        prefix=$(pyenv prefix "$(pyenv latest 3.13 2>/dev/null || echo 3.13)" 2>/dev/null) || return 0
        [ ! -x "$prefix/bin/python3.13" ] || echo "$prefix/bin/python3.13"
    fi
}

python=$(find_python)
if [ -z "$python" ]; then
    echo "Careloom needs Python 3.13: install it with 'pyenv install 3.13', or from python.org, and try again." >&2
    exit 2
fi
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
echo "Setting up Careloom in $venv (once) ..."
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check pip==25.3
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    --constraint constraints.txt --requirement requirements.txt --group localhost --group dev
