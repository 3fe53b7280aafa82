package main

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"time"
)

// What client and server tell each other in the headers of a request and of its answer.
const (
	serviceHeader = "X-Service"
	backendHeader = "X-Backend"
	queueHeader   = "X-Queue"
)

// answer waits for a worker, holds it for the service time that the request states, and sends a body.
func (b *backend) answer(out http.ResponseWriter, request *http.Request) {
	io.Copy(io.Discard, request.Body)
	wanted, _ := strconv.ParseFloat(request.Header.Get(serviceHeader), 64)
	arrived := time.Now()
	if !b.takeSlot(request.Context()) {
		return
	}
	defer b.releaseSlot()
	begun := time.Now()
	b.inflight.Add(1)
	defer b.inflight.Add(-1)
	if !b.serve(request.Context(), wanted) {
		return
	}
	b.paused.wait()
	b.served.Add(1)
	header := out.Header()
	header.Set(backendHeader, count(b.number))
	header.Set(queueHeader, strconv.FormatFloat(begun.Sub(arrived).Seconds(), 'f', 5, 64))
	header.Set(serviceHeader, strconv.FormatFloat(time.Since(begun).Seconds(), 'f', 5, 64))
	header.Set("Content-Length", count(len(b.body)))
	out.Write(b.body)
}

// takeSlot queues for a worker, first come, first served; false where the caller went away and that counts.
func (b *backend) takeSlot(asked context.Context) bool {
	if b.slots == nil {
		return true
	}
	b.queue.Add(1)
	defer b.queue.Add(-1)
	select {
	case b.slots <- struct{}{}:
		return true
	case <-b.cancelled(asked):
		return false
	}
}

func (b *backend) releaseSlot() {
	if b.slots != nil {
		<-b.slots
	}
}

// serve lets the service time pass; false where the caller went away and that counts.
func (b *backend) serve(asked context.Context, seconds float64) bool {
	if seconds >= never {
		<-b.cancelled(asked) // nil: for ever
		return false
	}
	if !b.settings.HandlerHonoursCancel {
		sleep(toDuration(seconds))
		return true
	}
	one, err := takeAlarm()
	if err != nil || one.set(toDuration(seconds)) != nil {
		return false
	}
	unhook := context.AfterFunc(asked, one.interrupt)
	whole := one.wait()
	if unhook() {
		one.giveBack()
	} else {
		one.file.Close() // the interruption may still be under way, and is not to hit the next who takes it
	}
	return whole
}

// cancelled is the caller's going away, as far as the handler heeds it.
func (b *backend) cancelled(asked context.Context) <-chan struct{} {
	if b.settings.HandlerHonoursCancel {
		return asked.Done()
	}
	return nil
}
