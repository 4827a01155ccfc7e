package main

import (
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var lastRow = regexp.MustCompile(`(?m)^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+all$`)

// evaluated runs a file of questions and returns how many there are, how many
// are right and how many wrong.
func evaluated(t *testing.T, data, file string) (all, right, wrong int) {
	t.Helper()
	_, environ := testProgram(t, loaded(t, data))
	out, errOut, _ := salesbot(t, environ, "eval", filepath.Join("testdata", "eval", file))
	row := lastRow.FindStringSubmatch(out)
	if row == nil {
		t.Fatalf("it says\n%s%s", out, errOut)
	}
	t.Log("\n" + strings.TrimRight(out, "\n"))
	n := func(i int) int { v, _ := strconv.Atoi(row[i]); return v }
	return n(1), n(2), n(6)
}

func TestQuestionsOnARealExportAreReadRight(t *testing.T) {
	all, right, wrong := evaluated(t, "maven", "maven.questions")
	if wrong > 0 || right*100 < all*95 {
		t.Errorf("%d of %d are right and %d wrong", right, all, wrong)
	}
}
