package storetest_test

import (
	"testing"

	"salesbot/insights/store/storetest"
)

func TestEveryTestHasADatabaseOfItsOwn(t *testing.T) {
	a, b := storetest.New(t), storetest.New(t)
	a.MustExec("create table only_here (n int)")
	var exists bool
	if err := b.Get(&exists, "select to_regclass('only_here') is not null"); err != nil {
		t.Fatal(err)
	}
	if exists {
		t.Error("a table made in one database is there in another")
	}
}
