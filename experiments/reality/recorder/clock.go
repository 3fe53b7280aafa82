package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"
)

// An instant is nanoseconds since the run's T0; 0 means that it did not happen.
type instant int64

// seconds writes an instant as the tables have it: five digits, empty where nothing happened.
func (t instant) seconds() string {
	if t == 0 {
		return ""
	}
	return strconv.FormatFloat(float64(t)/1e9, 'f', 5, 64)
}

// A clock counts from T0, which all processes of a run share, on the monotonic clock of the machine.
type clock struct {
	t0 time.Time
}

// startTogether says that this process is ready, and waits for the T0 of all of them.
func startTogether() (clock, error) {
	fmt.Println("ready")
	var nanos int64
	if _, err := fmt.Fscanf(bufio.NewReader(os.Stdin), "T0 %d\n", &nanos); err != nil {
		return clock{}, fmt.Errorf("no T0 came: %w", err)
	}
	now := time.Now()
	return clock{now.Add(time.Duration(nanos - now.UnixNano()))}, nil
}

// untilDismissed waits until the driver closes our standard input: others may still need us when our part is over.
func untilDismissed() {
	io.Copy(io.Discard, os.Stdin)
}

func (c clock) now() instant {
	return max(1, instant(time.Since(c.t0)))
}

// until waits for a number of seconds after T0.
func (c clock) until(seconds float64) {
	sleep(time.Until(c.at(seconds)))
}

func (c clock) at(seconds float64) time.Time {
	return c.t0.Add(toDuration(seconds))
}

func toDuration(seconds float64) time.Duration {
	return time.Duration(seconds * 1e9)
}

// milliseconds writes an instant as the samples have it.
func (t instant) milliseconds() string {
	return strconv.FormatFloat(float64(t)/1e9, 'f', 3, 64)
}
