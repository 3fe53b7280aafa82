"""Write the synthetic access logs of this folder: `python tests/models/workload/data/write_logs.py`.

120 requests at about 20/s from 23:31:40 UTC on; the same customers in four formats. Nobody's traffic.
"""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np

START_MS = 1_795_476_700_000  # 2026-11-23 23:31:40 UTC
ODD_AGENT = r"a\x22b\x5Cc \xC3\xA9"


class Request(NamedTuple):
    """One customer's request; times in ms."""

    start: int
    duration: int
    status: int
    agent: str

    @property
    def end(self) -> int:
        return self.start + self.duration


def customers() -> list[Request]:
    rng = np.random.default_rng(20261123)
    starts = START_MS + rng.exponential(50, 120).cumsum().astype(int)
    durations = np.maximum(1, rng.lognormal(3, 1, 120)).astype(int)
    agents = ["curl/7.88.1", "Mozilla/5.0 (X11; Linux x86_64)", ODD_AGENT]
    return [
        Request(int(start), int(duration), 200 if k % 17 else 503, agents[k % 3])
        for k, (start, duration) in enumerate(zip(starts, durations, strict=True))
    ]


def clf(request: Request, tail: str = "") -> str:
    stamp = datetime.fromtimestamp(request.end // 1000, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
    line = '""' if request.status == 503 else '"GET /s?q=%22 HTTP/1.1"'
    return f'127.0.0.1 - - [{stamp}] {line} {request.status} 128 "-" "{request.agent}"{tail}'


def timed(request: Request) -> str:
    return clf(request, f' rt={request.duration / 1000:.3f} uct="-, 0.000" urt="0.000, {request.duration / 1000:.3f}"')


def envoy(request: Request) -> str:
    start = datetime.fromtimestamp(request.start / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:23]
    flags = "UF" if request.status == 503 else "-"
    waited = "-" if request.status == 503 else str(request.duration)
    head = f'[{start}Z] "GET /x HTTP/1.1" {request.status} {flags} 0 128 {request.duration} {waited} "-"'
    return f'{head} "{request.agent}" "00988142-ffeb-400b-a0c6-43ffb1fb8bec" "127.0.0.1:18091" "127.0.0.1:18090"'


def json_row(request: Request) -> str:
    row = {"msec": request.end / 1000, "status": request.status, "took_ms": request.duration, "ua": 'a"b\\c é'}
    return json.dumps(row, ensure_ascii=False)


def main() -> None:
    folder = Path(__file__).parent
    by_start = customers()
    by_end = sorted(by_start, key=lambda request: request.end)
    timed_lines = [timed(request) for request in by_end]
    timed_lines[59] = timed_lines[59][:40]  # the disk was full for a moment
    write(folder / "combined.log", [clf(request) for request in by_end])
    write(folder / "envoy.log", [envoy(request) for request in by_end])
    write(folder / "rows.json.log", [json_row(request) for request in by_end])
    packed = gzip.compress(("\n".join(timed_lines) + "\n").encode(), mtime=0)
    (folder / "nginx_timed.log").write_bytes(packed)  # gzipped in spite of its name, as rotation leaves them


def write(path: Path, lines: list[str]) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
