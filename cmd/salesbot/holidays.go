package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"salesbot/insights/metric"
)

// checkHolidays reads the file of the days on which nobody works.
func checkHolidays(s *settings) error {
	if s.config.Holidays == "" {
		return nil
	}
	file, err := os.Open(s.config.Holidays)
	if err != nil {
		return fmt.Errorf("SALESBOT_HOLIDAYS cannot be read: %w", err)
	}
	defer file.Close()
	s.Company.Holidays, err = readHolidays(s.config.Holidays, file)
	if err != nil {
		return errors.New("SALESBOT_HOLIDAYS: " + strings.ReplaceAll(err.Error(), "\n", "\n    "))
	}
	return nil
}

// readHolidays reads a CSV with the columns day, in ISO, and name. It reports
// every fault with its line; name is what the file is called there.
func readHolidays(name string, from io.Reader) ([]metric.Holiday, error) {
	in := csv.NewReader(from)
	in.FieldsPerRecord = -1
	header, err := in.Read()
	if err != nil || len(header) != 2 || strings.TrimPrefix(header[0], "\ufeff") != "day" || header[1] != "name" {
		return nil, fmt.Errorf("%s:1: a list of holidays begins with the line day,name", name)
	}
	var holidays []metric.Holiday
	var faults []error
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, errors.Join(append(faults, fmt.Errorf("%s: %w", name, err))...)
		}
		line, _ := in.FieldPos(0)
		h, fault := readHoliday(record, holidays)
		if fault != "" {
			faults = append(faults, fmt.Errorf("%s:%d: %s", name, line, fault))
			continue
		}
		holidays = append(holidays, h)
	}
	return holidays, errors.Join(faults...)
}

// readHoliday reads one line, or says what is wrong with it.
func readHoliday(record []string, earlier []metric.Holiday) (h metric.Holiday, fault string) {
	if len(record) != 2 {
		return h, fmt.Sprintf("a holiday has a day and a name, and this line has %d values", len(record))
	}
	day, err := time.Parse(time.DateOnly, strings.TrimSpace(record[0]))
	h = metric.Holiday{Day: day, Name: strings.TrimSpace(record[1])}
	switch {
	case err != nil:
		return h, fmt.Sprintf("%q is no day; one is, for example, 2026-12-25", record[0])
	case h.Name == "":
		return h, record[0] + " has no name"
	case slices.ContainsFunc(earlier, func(e metric.Holiday) bool { return e.Day.Equal(day) }):
		return h, record[0] + " is listed twice"
	default:
		return h, ""
	}
}
