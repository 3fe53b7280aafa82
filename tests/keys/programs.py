"""Cases of the keys under services.*.program."""

from tests.keys.case import Case, change

BUSY = "S.program={cpu: {cores: 1}}"

PROGRAMS: dict[str, Case] = {
    "services.*.program.cpu.cores": change("S.program.cpu.cores=2", BUSY),
    "services.*.program.cpu.discipline": change("S.program.cpu.discipline=fifo", BUSY),
    "services.*.program.cpu.quota": change("S.program.cpu.quota=0.5", BUSY),
    "services.*.program.cpu.period": change("S.program.cpu.period=50ms", "S.program={cpu: {cores: 2, quota: 0.5}}"),
}  # fmt: skip
