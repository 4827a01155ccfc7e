package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// reachedRight is how many of the project's own questions are answered as wanted
// without a model. It only ever rises.
const reachedRight = 402

func TestTheProjectsOwnQuestions(t *testing.T) {
	_, environ := testProgram(t, loaded(t, "company"))
	out, errOut, _ := salesbot(t, environ, "eval", filepath.Join("testdata", "eval", "company.questions"))
	rows := strings.Split(strings.TrimSpace(out), "\n")
	var total, right, askedBack, refused, missed, wrong int
	if _, err := fmt.Sscan(rows[len(rows)-1], &total, &right, &askedBack, &refused, &missed, &wrong); err != nil {
		t.Fatalf("the table does not end with what was counted: %v\n%s%s", err, out, errOut)
	}
	t.Log("\n" + out)
	if wrong > 0 {
		t.Errorf("%d of %d questions were answered wrongly", wrong, total)
	}
	if right < reachedRight {
		t.Errorf("%d of %d questions were answered as wanted, %d were before", right, total, reachedRight)
	}
}
