package main

import (
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// An arrival is one row of the input: when (open loop: t, closed loop: think), what for, from whom.
type arrival struct {
	id, host, worker int
	when, service    float64
	serviceText      string
}

// never is the service of a request that gets no answer.
const never = 9999

func readArrivals(folder string) ([]arrival, error) {
	file, err := os.Open(filepath.Join(folder, "arrivals.csv.gz"))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return nil, err
	}
	rows, err := csv.NewReader(unzipped).ReadAll()
	if err != nil || len(rows) == 0 {
		return nil, fmt.Errorf("arrivals.csv.gz: no rows (%v)", err)
	}
	found := make([]arrival, 0, len(rows)-1)
	for _, row := range rows[1:] {
		one, err := asArrival(row)
		if err != nil {
			return nil, fmt.Errorf("arrivals.csv.gz: %w", err)
		}
		found = append(found, one)
	}
	return found, nil
}

// asArrival reads a row of id, t or think, service, host, worker.
func asArrival(row []string) (arrival, error) {
	var numbers [5]float64
	for i := range numbers {
		number, err := strconv.ParseFloat(row[i], 64)
		if err != nil {
			return arrival{}, err
		}
		numbers[i] = number
	}
	return arrival{
		id: int(numbers[0]), host: int(numbers[3]), worker: int(numbers[4]),
		when: numbers[1], service: numbers[2], serviceText: row[2],
	}, nil
}
