package main

import (
	"bufio"
	"cmp"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
)

// counters are those of /proc/net/snmp and /proc/net/netstat that begin with Tcp, by name: Tcp.ActiveOpens.
type counters map[string]int64

// readCounters reads those of a process's namespace.
func readCounters(process string) (counters, error) {
	found := counters{}
	for _, name := range []string{"snmp", "netstat"} {
		if err := found.read("/proc/" + process + "/net/" + name); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// read takes pairs of lines: a heading "Tcp: name name", then "Tcp: number number".
func (c counters) read(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		names := strings.Fields(lines.Text())
		if !lines.Scan() {
			return fmt.Errorf("%s: a heading without numbers", path)
		}
		numbers := strings.Fields(lines.Text())
		group := strings.TrimSuffix(names[0], ":")
		if group != "Tcp" && group != "TcpExt" {
			continue
		}
		for i := 1; i < min(len(names), len(numbers)); i++ {
			number, err := strconv.ParseInt(numbers[i], 10, 64)
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			c[group+"."+names[i]] = number
		}
	}
	return lines.Err()
}

// A delta is how far a counter of one side moved over the run.
type delta struct {
	side, name string
	moved      int64
}

var deltaColumns = []string{"side", "name", "delta"}

func (d delta) row() []string {
	return []string{d.side, d.name, strconv.FormatInt(d.moved, 10)}
}

// deltas are the counters that moved, in alphabetical order.
func deltas(side string, before, after counters) []delta {
	var moved []delta
	for _, name := range slices.SortedFunc(maps.Keys(after), cmp.Compare[string]) {
		if by := after[name] - before[name]; by != 0 {
			moved = append(moved, delta{side, name, by})
		}
	}
	return moved
}
