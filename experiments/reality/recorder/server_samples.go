package main

import (
	"fmt"
	"runtime"
)

// A backendSample is what one backend was doing.
type backendSample struct {
	accepted, open, inflight, queue, served int
}

// A serverSample is what the server's process was doing at t.
type serverSample struct {
	t          instant
	goroutines int
	backends   []backendSample
}

const sampleEvery = 0.1 // seconds

// sampleBackends looks every 100 ms, in the goroutine of the caller: the server's only one that is its own.
func sampleBackends(clock clock, ends float64, backends []*backend) []serverSample {
	var samples []serverSample
	for k := 0; float64(k)*sampleEvery <= ends+sampleEvery/2; k++ {
		clock.until(float64(k) * sampleEvery)
		sample := serverSample{t: clock.now(), goroutines: runtime.NumGoroutine()}
		for _, b := range backends {
			sample.backends = append(sample.backends, backendSample{
				int(b.accepted.Load()), b.open(), int(b.inflight.Load()), int(b.queue.Load()), int(b.served.Load()),
			})
		}
		samples = append(samples, sample)
	}
	return samples
}

func writeServerSamples(folder string, backends int, samples []serverSample) error {
	columns := []string{"t", "goroutines"}
	for i := range backends {
		for _, name := range []string{"accepted", "open", "inflight", "queue", "served"} {
			columns = append(columns, fmt.Sprintf("b%d_%s", i, name))
		}
	}
	return writeTable(folder, "server_samples.csv.gz", columns, eachOf(samples, serverSample.row))
}

func (s serverSample) row() []string {
	row := []string{s.t.milliseconds(), count(s.goroutines)}
	for _, b := range s.backends {
		row = append(row, count(b.accepted), count(b.open), count(b.inflight), count(b.queue), count(b.served))
	}
	return row
}
