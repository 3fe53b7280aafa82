package main

import (
	"encoding/json"
	"os"
	"path/filepath"
)

// A recording is what the client leaves of a run.
type recording struct {
	client   *client
	watch    *watch
	baseline int // goroutines of the client before anything began
}

// write writes all files but input.json and server_samples.csv.gz.
func (r *recording) write(folder string) error {
	c, backends := r.client, r.client.in.Server.Backends
	tables := []struct {
		name    string
		columns []string
		rows    func(func([]string) bool)
	}{
		{"requests.csv.gz", requestColumns, eachOf(r.sent(), (*request).row)},
		{"conns.csv.gz", connColumns, eachOf(c.dialer.all(), (*clientConn).row)},
		{"samples.csv.gz", sampleColumns(len(backends)), eachOf(r.watch.samples, func(s sample) []string {
			return s.row(backends)
		})},
		{"goroutines.csv.gz", goroutineColumns, eachOf(r.watch.goroutines, goroutineCount.row)},
		{"counters.csv.gz", deltaColumns, eachOf(r.watch.counters, delta.row)},
	}
	if c.in.Topology.DNSMode != "none" {
		attempts := c.attempts.all()
		tables = append(tables, struct {
			name    string
			columns []string
			rows    func(func([]string) bool)
		}{"dials.csv.gz", attemptColumns, eachOf(attempts, func(a attempt) []string { return a.row() })})
	}
	for _, table := range tables {
		if err := writeTable(folder, table.name, table.columns, table.rows); err != nil {
			return err
		}
	}
	text, err := json.MarshalIndent(r.summary(), "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "summary.json"), text, 0o644)
}

// sent are the requests that were made, in the order of the arrivals.
func (r *recording) sent() []*request {
	var sent []*request
	for _, one := range r.client.requests {
		if one != nil {
			sent = append(sent, one)
		}
	}
	return sent
}
