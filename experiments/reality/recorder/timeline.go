package main

// ofSamples is the largest, the mean of the last third before Duration, and the last of every sampled number.
func (r *recording) ofSamples() map[string]any {
	names := sampleColumns(len(r.client.in.Server.Backends))[1:]
	largest, last, lastThird := map[string]int{}, map[string]int{}, map[string]float64{}
	columns := make([][]float64, len(names))
	for _, sample := range r.watch.samples {
		at := since(sample.t, 0)
		for i, number := range sample.numbers(r.client.in.Server.Backends) {
			largest[names[i]] = max(largest[names[i]], number)
			last[names[i]] = number
			if at >= r.client.in.Duration*2/3 && at < r.client.in.Duration {
				columns[i] = append(columns[i], float64(number))
			}
		}
	}
	for i, name := range names {
		lastThird[name] = mean(columns[i])
	}
	return map[string]any{"samples_max": largest, "samples_mean_last_third": lastThird, "samples_end": last}
}

const timelineStep = 5 // seconds

// timeline is what happened in every 5 s, with the sample at their beginning.
func (r *recording) timeline() []map[string]any {
	steps := int(r.client.in.ends()/timelineStep) + 1
	lines := make([]map[string]any, steps)
	latencies := make([][]float64, steps)
	for k := range lines {
		lines[k] = map[string]any{"t": k * timelineStep, "arr": 0, "ok": 0, "err": 0, "dials": 0}
	}
	add := func(at instant, name string) {
		if k := int(since(at, 0)) / timelineStep; k < steps {
			lines[k][name] = lines[k][name].(int) + 1
		}
	}
	for _, one := range r.sent() {
		add(one.arrived, "arr")
		if !one.isOK() {
			add(one.done, "err")
			continue
		}
		add(one.done, "ok")
		if k := int(since(one.arrived, 0)) / timelineStep; k < steps {
			latencies[k] = append(latencies[k], since(one.done, one.arrived))
		}
	}
	for _, conn := range r.client.dialer.all() {
		if conn.port() != 0 {
			add(conn.dialed, "dials")
		}
	}
	for k, line := range lines {
		line["lat_mean_by_arrival"], line["lat_max_by_arrival"] = nil, nil
		if len(latencies[k]) > 0 {
			two := spread(latencies[k], "mean", "max")
			line["lat_mean_by_arrival"], line["lat_max_by_arrival"] = two["mean"], two["max"]
		}
		r.addSample(line, k*timelineStep*10)
	}
	return lines
}

// addSample adds the levels of one sample.
func (r *recording) addSample(line map[string]any, number int) {
	if number >= len(r.watch.samples) {
		return
	}
	s := r.watch.samples[number]
	line["tw"], line["s_tw"], line["estab"] = s.client.states[6], s.server.states[6], s.client.states[established]
	line["idle"], line["gor"], line["fw2"] = s.pool.idle, s.goroutines, s.client.states[5]
	line["cph_wait"] = s.pool.perHostWait
}
