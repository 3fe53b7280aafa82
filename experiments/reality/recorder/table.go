package main

import (
	"bufio"
	"compress/gzip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// writeTable writes a file of comma-separated values, gzipped. No field of ours holds a comma or a quote except
// error texts, which clean makes harmless.
func writeTable(folder, name string, columns []string, rows func(yield func([]string) bool)) (err error) {
	file, err := os.Create(filepath.Join(folder, name))
	if err != nil {
		return err
	}
	defer func() {
		if closing := file.Close(); err == nil {
			err = closing
		}
	}()
	zipped := gzip.NewWriter(file)
	out := bufio.NewWriter(zipped)
	out.WriteString(strings.Join(columns, ",") + "\n")
	for row := range rows {
		out.WriteString(strings.Join(row, ",") + "\n")
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return zipped.Close()
}

var clean = strings.NewReplacer(",", ";", "\"", "'", "\n", " ")

// eachOf makes rows of a slice.
func eachOf[T any](items []T, row func(T) []string) func(yield func([]string) bool) {
	return func(yield func([]string) bool) {
		for _, item := range items {
			if !yield(row(item)) {
				return
			}
		}
	}
}

func count(n int) string {
	return strconv.Itoa(n)
}

func flag(is bool) string {
	if is {
		return "1"
	}
	return "0"
}
