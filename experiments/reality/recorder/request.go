package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// A request is what was noted about one call of the client. Its dial may go on after it is done, so every access
// takes the lock.
type request struct {
	mu sync.Mutex

	arrival                  arrival
	scheduled, arrived, done instant

	asked, got, dnsStart, dnsDone, connStart, connDone instant
	tlsStart, tlsDone, wrote, first, put               instant
	reused, wasIdle                                    bool
	idle                                               time.Duration
	connects, asks, gots                               int
	connError, putError, failure                       string

	conn             *clientConn
	status           int
	backend, proto   string
	queued, serviced string
}

// postBody is what methods with a body send.
var postBody = bytes.Repeat([]byte("x"), 16)

// send makes one call and waits for its end, body included.
func (c *client) send(row int, scheduled instant) {
	one := &request{arrival: c.arrivals[row], scheduled: scheduled, arrived: c.clock.now()}
	c.requests[row] = one
	c.inflight.Add(1)
	defer c.inflight.Add(-1)
	response, err := c.call(one)
	now := c.clock.now()
	one.mu.Lock()
	defer one.mu.Unlock()
	one.done = now
	if err != nil {
		one.failure = lastPart(err)
		if context.Cause(c.ends) != nil {
			one.failure = errLabEnd.Error()
		}
	}
	if response != nil {
		one.status, one.proto = response.StatusCode, response.Proto
		one.backend = response.Header.Get(backendHeader)
		one.queued, one.serviced = response.Header.Get(queueHeader), response.Header.Get(serviceHeader)
	}
}

func (c *client) call(one *request) (*http.Response, error) {
	url := c.in.Scheme + "://" + c.in.Hosts[one.arrival.host] + "/"
	var body io.Reader
	if c.in.Method == http.MethodPost || c.in.Method == http.MethodPut {
		body = bytes.NewReader(postBody)
	}
	asked, err := http.NewRequestWithContext(c.traced(one), c.in.Method, url, body)
	if err != nil {
		return nil, err
	}
	asked.Header.Set(serviceHeader, one.arrival.serviceText)
	response, err := c.http.Do(asked)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return response, err
}

var requestColumns = []string{
	"id", "worker", "host", "t_sched", "service", "t_arrival", "t_getconn", "t_gotconn", "reused", "was_idle",
	"idle_time", "t_dns_start", "t_dns_done", "t_conn_start", "t_conn_done", "n_connect", "conn_err", "t_tls_start",
	"t_tls_done", "t_wrote", "t_first", "t_done", "status", "err", "lport", "remote", "backend", "srv_q", "srv_s",
	"n_getconn", "n_gotconn", "t_put", "put_err", "conn_id", "proto",
}

func (r *request) row() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	idle, port, remote, conn := "", 0, "", -1
	if r.wasIdle {
		idle = instant(max(1, r.idle)).seconds()
	}
	if r.conn != nil {
		port, remote, conn = r.conn.port(), r.conn.remote(), r.conn.id
	}
	return []string{
		count(r.arrival.id), count(r.arrival.worker), count(r.arrival.host), r.scheduled.seconds(),
		r.arrival.serviceText, r.arrived.seconds(), r.asked.seconds(), r.got.seconds(), flag(r.reused), flag(r.wasIdle),
		idle, r.dnsStart.seconds(), r.dnsDone.seconds(), r.connStart.seconds(), r.connDone.seconds(), count(r.connects),
		r.connError, r.tlsStart.seconds(), r.tlsDone.seconds(), r.wrote.seconds(), r.first.seconds(), r.done.seconds(),
		strconv.Itoa(r.status), r.failure, count(port), remote, r.backend, r.queued, r.serviced, count(r.asks),
		count(r.gots), r.put.seconds(), r.putError, count(conn), r.proto,
	}
}
