package main

import (
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// A sample is what both sides looked like at t.
type sample struct {
	t                                    instant
	goroutines, inflight, dialing, conns int
	pool                                 poolSample
	client, server                       socketCount
}

// A watch looks every 100 ms, in one goroutine, and at the kernel's counters before and after.
type watch struct {
	of         *client
	server     string // the server's process, whose /proc/PID/net is its namespace
	pool       *pool
	sockets    [2]socketCounter // client, server
	samples    []sample
	goroutines []goroutineCount
	counters   []delta
	cpu        [2]float64 // seconds of CPU: client, server
	err        error
}

func newWatch(c *client, server int) (*watch, error) {
	found, err := newPool(c.http.Transport.(*http.Transport))
	w := &watch{of: c, server: strconv.Itoa(server), pool: found}
	w.sockets = [2]socketCounter{newSocketCounter("self"), newSocketCounter(w.server)}
	return w, err
}

// goroutinesEvery is how many samples go by between two counts of goroutines by entry: 5 s.
const goroutinesEvery = 50

func (w *watch) run() {
	before := w.counted()
	for k := 0; w.err == nil && float64(k)*sampleEvery <= w.of.in.ends()+sampleEvery/2; k++ {
		w.of.clock.until(float64(k) * sampleEvery)
		w.look()
		if k%goroutinesEvery == 0 {
			w.goroutines = append(w.goroutines, countGoroutines(w.of.clock.now())...)
		}
	}
	after := w.counted()
	for i, side := range sides {
		w.counters = append(w.counters, deltas(side, before[i], after[i])...)
	}
	w.cpu = [2]float64{w.cpuSeconds("self"), w.cpuSeconds(w.server)}
}

var sides = [2]string{"client", "server"}

// counted is the counters of client and server.
func (w *watch) counted() (found [2]counters) {
	for i, process := range []string{"self", w.server} {
		one, err := readCounters(process)
		if err != nil {
			w.err = fmt.Errorf("counters of the %s: %w", sides[i], err)
		}
		found[i] = one
	}
	return found
}

func (w *watch) look() {
	s := sample{
		t: w.of.clock.now(), goroutines: runtime.NumGoroutine(), inflight: int(w.of.inflight.Load()),
		dialing: int(w.of.dialer.dialing.Load()), conns: int(w.of.dialer.open.Load()), pool: w.pool.sample(),
	}
	for i, into := range []*socketCount{&s.client, &s.server} {
		found, err := w.sockets[i].count()
		if err != nil {
			w.err = fmt.Errorf("sockets of the %s: %w", sides[i], err)
		}
		*into = found
	}
	w.samples = append(w.samples, s)
}

// cpuSeconds is user and system time of a process (proc(5), /proc/PID/stat, fields 14 and 15, in 1/100 s).
func (w *watch) cpuSeconds(process string) float64 {
	text, err := os.ReadFile("/proc/" + process + "/stat")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	user, _ := strconv.ParseFloat(fields[11], 64)
	system, _ := strconv.ParseFloat(fields[12], 64)
	return (user + system) / 100
}
