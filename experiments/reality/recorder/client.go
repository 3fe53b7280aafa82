package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
)

// cutBeforeEnd is how long before the end of the tail the client cancels what still hangs.
const cutBeforeEnd = 0.2

var errLabEnd = errors.New("lab-end")

// A client is the case's http.Client and everything that is written down about it.
type client struct {
	in       *input
	clock    clock
	http     *http.Client
	dialer   *recordingDialer
	attempts attemptLog
	arrivals []arrival
	requests []*request // by row of the arrivals; nil where a closed loop did not get that far
	inflight atomic.Int64
	ends     context.Context // cancelled shortly before the end, with errLabEnd
}

// playClient sends the arrivals, looks every 100 ms, and writes everything but input.json and server_samples.csv.gz.
func playClient(folder string, rest []string) error {
	in, err := readInput(folder)
	if err != nil {
		return err
	}
	server, err := strconv.Atoi(rest[0])
	if err != nil {
		return fmt.Errorf("%s is no process: %w", rest[0], err)
	}
	c := &client{in: in}
	if c.arrivals, err = readArrivals(folder); err != nil {
		return err
	}
	c.requests = make([]*request, len(c.arrivals))
	if err := c.configure(folder); err != nil {
		return err
	}
	baseline := runtime.NumGoroutine()
	watch, err := newWatch(c, server)
	if err != nil {
		return err
	}
	if c.clock, err = startTogether(); err != nil {
		return err
	}
	c.dialer.clock = c.clock
	c.play(watch)
	if watch.err != nil {
		return watch.err
	}
	recording := &recording{client: c, watch: watch, baseline: baseline}
	return recording.write(filepath.Join(folder, "rep"))
}

// play runs the load and the watch to the end of the tail.
func (c *client) play(watch *watch) {
	ends, cut := context.WithCancelCause(context.Background())
	c.ends = ends
	var all sync.WaitGroup
	watched := make(chan struct{})
	go func() { watch.run(); close(watched) }()
	if c.in.Load.Mode == "closed" {
		c.playClosed(&all)
	} else {
		c.playOpen(&all)
	}
	c.clock.until(c.in.ends() - cutBeforeEnd)
	cut(errLabEnd)
	<-watched
	all.Wait()
}

// playOpen starts each request at its own time, in a goroutine of its own.
func (c *client) playOpen(all *sync.WaitGroup) {
	for row := range c.arrivals {
		c.clock.until(c.arrivals[row].when)
		all.Add(1)
		go func() {
			defer all.Done()
			c.send(row, toInstant(c.arrivals[row].when))
		}()
	}
}

// playClosed gives each worker its rows: think, request, think, request, until Duration. A worker that is done stays,
// so that all of them count among the goroutines always.
func (c *client) playClosed(all *sync.WaitGroup) {
	rows := make([][]int, c.in.Load.Workers)
	for row, one := range c.arrivals {
		rows[one.worker] = append(rows[one.worker], row)
	}
	for _, mine := range rows {
		all.Add(1)
		go func() {
			defer all.Done()
			free := 0.0
			for _, row := range mine {
				wanted := free + c.arrivals[row].when
				if wanted >= c.in.Duration {
					break
				}
				c.clock.until(wanted)
				c.send(row, toInstant(wanted))
				free = float64(c.clock.now()) / 1e9
			}
			<-c.ends.Done()
		}()
	}
}

func toInstant(seconds float64) instant {
	return max(1, instant(seconds*1e9))
}
