package main

import (
	"maps"
	"strconv"
	"strings"
)

// summary is summary.json: counts, quantiles, samples and a timeline, as maps of their names.
func (r *recording) summary() map[string]any {
	found := map[string]any{
		"client_baseline_goroutines": r.baseline,
		"client_cpu_s":               r.watch.cpu[0],
		"server_cpu_s":               r.watch.cpu[1],
		"counters":                   r.chosenCounters(),
		"timeline_5s":                r.timeline(),
	}
	maps.Copy(found, r.ofRequests())
	maps.Copy(found, r.ofOverheads())
	maps.Copy(found, r.ofConnections())
	maps.Copy(found, r.ofAttempts())
	maps.Copy(found, r.ofSamples())
	return found
}

func (r *request) isOK() bool {
	return r.failure == "" && r.status == 200
}

func since(later, earlier instant) float64 {
	return float64(later-earlier) / 1e9
}

func (r *recording) ofRequests() map[string]any {
	sent := r.sent()
	errors, firstError, lastError := map[string]int{}, map[string]float64{}, map[string]float64{}
	perBackend := map[string]int{}
	var latencies, waits []float64
	ok, reused, wasIdle, gots, retried, dialled := 0, 0, 0, 0, 0, 0
	for _, one := range sent {
		if one.isOK() {
			ok++
			perBackend[one.backend]++
			latencies = append(latencies, since(one.done, one.arrived))
		} else {
			errors[one.failure]++
			at := rounded(since(one.arrived, 0))
			if _, known := firstError[one.failure]; !known {
				firstError[one.failure] = at
			}
			lastError[one.failure] = at
		}
		gots += one.gots
		if one.gots > 0 {
			waits = append(waits, since(one.got, one.asked))
			reused += isTrue(one.reused)
			wasIdle += isTrue(one.wasIdle)
			dialled += isTrue(one.reused && one.connects > 0)
		}
		retried += isTrue(one.gots > 1)
	}
	return map[string]any{
		"n_requests": len(sent), "n_ok": ok, "errors": errors, "first_error_t": firstError, "last_error_t": lastError,
		"latency":      spread(latencies, "p50", "p90", "p99", "max", "mean"),
		"conn_wait":    spread(waits, "mean", "p50", "p99", "max"),
		"reused_ratio": ratio(reused, len(waits)), "was_idle_ratio": ratio(wasIdle, len(waits)),
		"requests_with_dial_but_other_conn": dialled, "retried_requests": retried, "n_gotconn_total": gots,
		"per_backend_ok": perBackend,
	}
}

func isTrue(is bool) int {
	if is {
		return 1
	}
	return 0
}

// ofOverheads is what the recorder and the machine added: lateness of arrivals and of services, and the rest of the
// latency of requests on a connection that had been waiting.
func (r *recording) ofOverheads() map[string]any {
	var overheads, overruns, lags []float64
	for _, one := range r.sent() {
		lags = append(lags, since(one.arrived, one.scheduled))
		queued, serviced, answered := one.serverTimes()
		if !answered {
			continue
		}
		overruns = append(overruns, serviced-one.arrival.service)
		if one.isOK() && one.wasIdle {
			overheads = append(overheads, since(one.done, one.arrived)-queued-serviced)
		}
	}
	return map[string]any{
		"overhead_reused": spread(overheads, "p50", "p99"),
		"service_overrun": spread(overruns, "p50", "p99", "max"),
		"arrival_lag":     spread(lags, "p50", "p99", "max"),
	}
}

// serverTimes are what the server said of the request: its wait for a worker, and its service.
func (r *request) serverTimes() (queued, serviced float64, answered bool) {
	queued, first := strconv.ParseFloat(r.queued, 64)
	serviced, second := strconv.ParseFloat(r.serviced, 64)
	return queued, serviced, first == nil && second == nil
}

func (r *recording) ofConnections() map[string]any {
	dials, unused, lastHalf, carried := 0, 0, 0, 0
	failures, readErrors, perBackend := map[string]int{}, map[string]int{}, map[string]int{}
	var latencies []float64
	for _, conn := range r.client.dialer.all() {
		if strings.HasPrefix(conn.readError, "dial: ") {
			failures[conn.readError]++
			continue
		}
		dials++
		n := int(conn.requests.Load())
		carried += n
		unused += isTrue(n == 0)
		readErrors[conn.readError]++
		perBackend[conn.remote()]++
		latencies = append(latencies, since(conn.connected, conn.dialed))
		at := since(conn.dialed, 0)
		lastHalf += isTrue(at >= r.client.in.Duration/2 && at < r.client.in.Duration)
	}
	all := len(r.client.dialer.all())
	return map[string]any{
		"dials_ok": dials, "dial_calls": all, "dial_errors": failures, "dials_per_request": ratio(dials, len(r.sent())),
		"dial_rate_last_half": rounded(float64(lastHalf) / (r.client.in.Duration / 2)),
		"requests_per_conn":   ratio(carried, dials), "conns_never_used": unused, "read_errs": readErrors,
		"per_backend_dials": perBackend, "connect_latency": spread(latencies, "p50", "p99", "max"),
	}
}

func (r *recording) ofAttempts() map[string]any {
	attempts, failures := r.client.attempts.all(), map[string]int{}
	for _, one := range attempts {
		if one.failure != "" {
			failures[one.failure]++
		}
	}
	return map[string]any{"connect_attempts": len(attempts), "connect_errors": failures}
}

// chosenCounters are those that the cases are about.
func (r *recording) chosenCounters() map[string]int64 {
	chosen := map[string]int64{}
	for _, one := range r.watch.counters {
		switch one.name {
		case "Tcp.ActiveOpens", "Tcp.PassiveOpens", "Tcp.AttemptFails", "Tcp.EstabResets", "Tcp.RetransSegs",
			"Tcp.OutRsts", "TcpExt.TW", "TcpExt.TWRecycled", "TcpExt.ListenDrops", "TcpExt.ListenOverflows",
			"TcpExt.TCPSynRetrans", "TcpExt.TCPAbortOnClose", "TcpExt.TCPAbortOnData":
			chosen[one.side+"."+one.name] = one.moved
		}
	}
	return chosen
}
