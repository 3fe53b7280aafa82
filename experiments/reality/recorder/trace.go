package main

import (
	"context"
	"crypto/tls"
	"net/http/httptrace"
	"sync"
)

// An attempt is one ConnectStart with its ConnectDone; a dial of a name may have several.
type attempt struct {
	request     int
	address     string
	start, done instant
	failure     string
}

type attemptLog struct {
	mu   sync.Mutex
	rows []*attempt
}

var attemptColumns = []string{"req_id", "addr", "t_start", "t_done", "err"}

func (a *attempt) row() []string {
	return []string{count(a.request), a.address, a.start.seconds(), a.done.seconds(), a.failure}
}

func (l *attemptLog) begin(request int, address string, now instant) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rows = append(l.rows, &attempt{request: request, address: address, start: now})
}

// end notes the outcome at the latest open attempt of the request at that address.
func (l *attemptLog) end(request int, address string, now instant, failure string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := len(l.rows) - 1; i >= 0; i-- {
		if one := l.rows[i]; one.request == request && one.address == address && one.done == 0 {
			one.done, one.failure = now, failure
			return
		}
	}
}

// all is a copy of what was noted so far.
func (l *attemptLog) all() []attempt {
	l.mu.Lock()
	defer l.mu.Unlock()
	rows := make([]attempt, len(l.rows))
	for i, one := range l.rows {
		rows[i] = *one
	}
	return rows
}

// traced is the context of a request, with the hooks that fill it in.
func (c *client) traced(r *request) context.Context {
	noted := func(note func(now instant)) {
		now := c.clock.now()
		r.mu.Lock()
		defer r.mu.Unlock()
		note(now)
	}
	first := func(at *instant) func(instant) {
		return func(now instant) {
			if *at == 0 {
				*at = now
			}
		}
	}
	last := func(at *instant) func(instant) {
		return func(now instant) { *at = now }
	}
	return httptrace.WithClientTrace(c.ends, &httptrace.ClientTrace{
		GetConn: func(string) { noted(first(&r.asked)); noted(func(instant) { r.asks++ }) },
		GotConn: func(info httptrace.GotConnInfo) {
			noted(func(now instant) {
				r.gots++
				r.got, r.reused, r.wasIdle, r.idle = now, info.Reused, info.WasIdle, info.IdleTime
				if r.conn = asOurs(info.Conn); r.conn != nil {
					r.conn.requests.Add(1)
				}
			})
		},
		PutIdleConn: func(err error) {
			noted(func(now instant) {
				if r.put = now; err != nil {
					r.putError = clean.Replace(err.Error())
				}
			})
		},
		GotFirstResponseByte: func() { noted(last(&r.first)) },
		DNSStart:             func(httptrace.DNSStartInfo) { noted(first(&r.dnsStart)) },
		DNSDone:              func(httptrace.DNSDoneInfo) { noted(last(&r.dnsDone)) },
		ConnectStart: func(_, address string) {
			noted(func(now instant) {
				first(&r.connStart)(now)
				r.connects++
				c.attempts.begin(r.arrival.id, address, now)
			})
		},
		ConnectDone: func(_, address string, err error) {
			noted(func(now instant) {
				r.connDone = now
				failure := ""
				if err != nil {
					failure = lastPart(err)
					r.connError = failure
				}
				c.attempts.end(r.arrival.id, address, now, failure)
			})
		},
		TLSHandshakeStart: func() { noted(last(&r.tlsStart)) },
		TLSHandshakeDone:  func(tls.ConnectionState, error) { noted(last(&r.tlsDone)) },
		WroteRequest:      func(httptrace.WroteRequestInfo) { noted(last(&r.wrote)) },
	})
}
