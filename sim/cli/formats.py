"""The formats of `sim export`: the file that each makes, and what writes it. Not the options of the command."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, BinaryIO, TextIO

from sim.cli.socket_formats import BCC_FLAGS, SS_FLAGS, write_ss, write_tcplife, write_tcpstates, write_tracefs
from sim.units import InputError

if TYPE_CHECKING:
    from sim.export.cut import Cut
    from sim.records.exposition import Spelling
    from sim.records.folder import StoredRun

EPOCH = "2024-01-01T00:00:00Z"
"""When runs begin by default: a past date at the border of Prometheus' blocks, which are two hours long."""
LAST_NS = 1 << 63
"""From so many nanoseconds after 1970 on, in 2262, no reader has a number for an instant."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the options say."""

    epoch: datetime
    step: float
    at: float | None
    debug: int
    spelling: "Spelling"
    cut: "Cut"
    flags: str = ""

    @property
    def epoch_ns(self) -> int:
        """Unix time of the run's begin."""
        ns = (self.epoch - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000
        if not 0 <= ns < LAST_NS:
            raise InputError(f"--epoch {self.epoch:%Y-%m-%d}: lies outside of 1970 to 2262, which 64 bits of ns reach")
        return ns


@dataclass(frozen=True, slots=True)
class Format:
    """A format: the name of its file, and what writes it; the sentence that comes back is the answer."""

    file: str
    write: "Callable[[StoredRun, Asked, BinaryIO], str]"
    flags: str = ""
    """Options of the tool that --flags may name."""


def _openmetrics(run: "StoredRun", asked: Asked, out: BinaryIO) -> str:
    from sim import wiring
    from sim.export.openmetrics import Scraping, end_of, write_openmetrics

    ends_at = asked.epoch + timedelta(seconds=end_of(run))
    if ends_at > datetime.now(UTC):
        raise InputError(
            f"--epoch {asked.epoch:%Y-%m-%dT%H:%M:%SZ}: the run would end in the future, and a Prometheus that has it "
            "would refuse all that it scrapes until then; write an earlier one"
        )
    exposed = wiring.exposed(run.manifest["scenario"], asked.spelling)
    with _text(out) as text:
        written = write_openmetrics(run, exposed, Scraping(epoch=asked.epoch, step=asked.step), out=text)
    return f"{written:,} samples"


def _pprof(run: "StoredRun", asked: Asked, out: BinaryIO) -> str:
    from sim import wiring
    from sim.export.pprof import write_goroutines
    from sim.export.snapshot import snapshot

    stacks, place_of = wiring.stacks(run.manifest["scenario"])
    at, levels = snapshot(run, tuple(stacks), asked.at)
    at_ns = asked.epoch_ns + round(at * 1e9)
    n = write_goroutines(levels, stacks, place_of=place_of, at_ns=at_ns, debug=asked.debug, out=out)
    return f"{n:,} goroutines at {at:g} s"


def _perfetto(run: "StoredRun", asked: Asked, out: BinaryIO) -> str:
    from sim import wiring
    from sim.export.perfetto import write_perfetto

    with _text(out) as text:
        return f"{write_perfetto(run, wiring.traced(run.manifest['scenario']), asked.cut, out=text):,} events"


def _otlp(run: "StoredRun", asked: Asked, out: BinaryIO) -> str:
    from sim import wiring
    from sim.export.otlp import write_otlp

    with _text(out) as text:
        traced = wiring.traced(run.manifest["scenario"])
        return f"{write_otlp(run, traced, asked.cut, epoch_ns=asked.epoch_ns, out=text):,} spans"


def _qlog(run: "StoredRun", asked: Asked, out: BinaryIO) -> str:
    from sim import wiring
    from sim.export.qlog import write_qlog

    with _text(out) as text:
        packets = wiring.traced(run.manifest["scenario"]).packets
        return f"{write_qlog(run, packets, asked.cut, epoch_ms=asked.epoch_ns / 1e6, out=text):,} events"


def _har(run: "StoredRun", asked: Asked, out: BinaryIO) -> str:
    from sim import wiring
    from sim.export.har import write_har

    with _text(out) as text:
        traced = wiring.traced(run.manifest["scenario"])
        return f"{write_har(run, traced, asked.cut, epoch=asked.epoch, out=text):,} entries"


def _grafana(run: "StoredRun", asked: Asked, out: BinaryIO) -> str:
    import json

    from sim import wiring
    from sim.export.grafana import dashboard
    from sim.export.openmetrics import end_of

    tree = run.manifest["scenario"]
    window = asked.epoch, asked.epoch + timedelta(seconds=end_of(run))
    exposed = wiring.exposed(tree, asked.spelling)
    made = dashboard(exposed, title=f"{tree.get('name') or 'run'} (simulated)", window=window, step=asked.step)
    with _text(out) as text:
        text.write(json.dumps(made, indent=2) + "\n")
    return f"{len(made['panels'])} panels"


@contextmanager
def _text(out: BinaryIO) -> Iterator[TextIO]:
    """The same as text; it stays open."""
    text = io.TextIOWrapper(out, encoding="utf-8", newline="\n", write_through=False)
    try:
        yield text
    finally:
        text.detach()


FORMATS = {
    "openmetrics": Format("metrics.om", _openmetrics),
    "pprof": Format("goroutine.pb.gz", _pprof),
    "perfetto": Format("trace.perfetto.json", _perfetto),
    "otlp": Format("spans.otlp.jsonl", _otlp),
    "qlog": Format("packets.qlog", _qlog),
    "har": Format("requests.har", _har),
    "grafana": Format("dashboard.json", _grafana),
    "tcpstates": Format("tcpstates.txt", write_tcpstates, BCC_FLAGS),
    "tcplife": Format("tcplife.txt", write_tcplife, BCC_FLAGS),
    "tracefs": Format("trace.txt", write_tracefs),
    "ss": Format("ss.txt", write_ss, SS_FLAGS),
}
