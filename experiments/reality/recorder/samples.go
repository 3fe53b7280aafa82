package main

import "fmt"

// sampleColumns are the columns of samples.csv.gz, one for each backend at the end.
func sampleColumns(backends int) []string {
	columns := []string{
		"t", "goroutines", "inflight", "dialing", "open_conns", "pool_idle", "pool_idle_wait", "conns_per_host",
		"conns_per_host_wait",
	}
	for _, side := range []string{"c", "s"} {
		for _, state := range socketStates {
			if isColumn(side, state.name) {
				columns = append(columns, side+"_"+state.name)
			}
		}
	}
	for i := range backends {
		columns = append(columns, fmt.Sprintf("c_estab_b%d", i))
	}
	return columns
}

// isColumn leaves out the two states that a side cannot have: the client listens to nobody, the server calls nobody.
func isColumn(side, state string) bool {
	return !(side == "c" && state == "syn_recv") && !(side == "s" && state == "syn_sent")
}

// numbers are the columns after t.
func (s sample) numbers(backends []backendInput) []int {
	numbers := []int{
		s.goroutines, s.inflight, s.dialing, s.conns, s.pool.idle, s.pool.idleWait, s.pool.perHost, s.pool.perHostWait,
	}
	for i, sockets := range []socketCount{s.client, s.server} {
		for _, state := range socketStates {
			if isColumn([]string{"c", "s"}[i], state.name) {
				numbers = append(numbers, sockets.states[state.number])
			}
		}
	}
	for _, backend := range backends {
		numbers = append(numbers, s.client.byRemote[backend.address()])
	}
	return numbers
}

func (s sample) row(backends []backendInput) []string {
	row := []string{s.t.milliseconds()}
	for _, number := range s.numbers(backends) {
		row = append(row, count(number))
	}
	return row
}
