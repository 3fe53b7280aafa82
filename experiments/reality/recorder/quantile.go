package main

import (
	"math"
	"slices"
)

// quantile is sorted value number floor(p n), counted from 0, at most the last; 0 of nothing.
func quantile(sorted []float64, p float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return rounded(sorted[min(int(p*float64(len(sorted))), len(sorted)-1)])
}

func mean(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	total := 0.0
	for _, value := range values {
		total += value
	}
	return rounded(total / float64(len(values)))
}

// spread is some of mean, max and p50, p90, p99 of values.
func spread(values []float64, names ...string) map[string]float64 {
	sorted := slices.Sorted(slices.Values(values))
	of := map[string]func() float64{
		"mean": func() float64 { return mean(sorted) },
		"max":  func() float64 { return quantile(sorted, 1) },
		"p50":  func() float64 { return quantile(sorted, 0.5) },
		"p90":  func() float64 { return quantile(sorted, 0.9) },
		"p99":  func() float64 { return quantile(sorted, 0.99) },
	}
	found := map[string]float64{}
	for _, name := range names {
		found[name] = of[name]()
	}
	return found
}

func rounded(value float64) float64 {
	return math.Round(value*1e5) / 1e5
}

func ratio(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return rounded(float64(part) / float64(whole))
}
