#!/bin/sh
# Fetch SimPy's own test suite, of the version that is installed, into .cache/simpy-tests (ignored by git).
# `make simpy-suite` calls this; tests/sim/engine/test_simpy_suite.py then runs the suite against Engine.
set -eu

root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
python=${PYTHON:-$root/.venv/bin/python}
target=$root/.cache/simpy-tests
version=$("$python" -c 'import importlib.metadata as m; print(m.version("simpy"))')

if [ -f "$target/VERSION" ] && [ "$(cat "$target/VERSION")" = "$version" ]; then
    echo "SimPy $version: its tests are in .cache/simpy-tests already"
    exit 0
fi

mkdir -p "$root/.cache"
work=$(mktemp -d "$root/.cache/simpy-sdist.XXXXXX")
trap 'rm -rf "$work"' EXIT
"$python" -m pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: --dest "$work" "simpy==$version"
tar -xzf "$work"/simpy-*.tar.gz -C "$work"
printf '%s\n' "$version" > "$work/simpy-$version/tests/VERSION"
rm -rf "$target"
mv "$work/simpy-$version/tests" "$target" # renamed at the end: a broken download leaves nothing half there
echo "SimPy $version: its tests are in .cache/simpy-tests"
