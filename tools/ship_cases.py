"""Write recorded cases as they come with the project: python tools/ship_cases.py FROM TO [CASE...]."""

import sys
from pathlib import Path

from sim.evidence import ship_case


def main() -> None:
    source, target, *names = sys.argv[1:]
    for folder in sorted(Path(source).iterdir()):
        if folder.is_dir() and (not names or folder.name in names):
            ship_case(folder, Path(target) / folder.name)
            print(folder.name)


if __name__ == "__main__":
    main()
