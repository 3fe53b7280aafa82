"""A recorded file's lines, whether it is gzipped or not.

It knows no columns and no formats: see `replay` and `access_log`.
"""

import gzip
import zlib
from pathlib import Path

from sim.units import InputError

GZIP_MAGIC = b"\x1f\x8b"
"""The first two bytes of every gzip file (RFC 1952, 2.3.1); a file's name proves nothing."""


def read_lines(path: str | Path) -> list[str]:
    """Return the file's lines without their ends; bytes are taken as Latin-1, so that none is refused.

    Raises
    ------
    InputError
        The file is missing, unreadable, empty, or a damaged or truncated gzip file.
    """
    try:
        content = Path(path).read_bytes()
        if content.startswith(GZIP_MAGIC):
            content = gzip.decompress(content)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; write its path as seen from here, or an absolute one") from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as cause:
        raise InputError(f"{path}: damaged or truncated gzip file ({cause}); copy it again") from None
    except OSError as cause:
        raise InputError(f"{path}: cannot be read ({cause.strerror or cause}); check the path and its rights") from None
    if not content.strip():
        raise InputError(f"{path}: the file is empty; record at least one line")
    # not splitlines: it also splits at 0x85, which is the second half of a UTF-8 letter
    return content.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").rstrip(b"\n").decode("latin-1").split("\n")
