package handlers

import (
	"context"
	"fmt"

	"salesbot/insights/metric"
)

// versions says which version of a definition was in force at the time that an
// answer tells of, where it was not the one by which all of it is counted.
func (d *Desk) versions(ctx context.Context, r Request, m *metric.Metric, result metric.Result, a *Answer) error {
	earlier := m.Earlier(result, r.At, d.Company.Zone)
	if len(earlier) == 0 {
		return nil
	}
	statements := make([]metric.Statement, len(earlier))
	for i, e := range earlier {
		statements[i] = e.VersionAt(d.Company.Zone)
	}
	read, err := d.Store.Read(ctx, statements)
	if err != nil {
		return err
	}
	for i, e := range earlier {
		version, err := metric.ReadVersion(read.Tables[i])
		if err != nil {
			return err
		}
		a.note(versionWords(e, version))
	}
	return nil
}

// versionWords say that a version did not hold yet, and which one did.
func versionWords(e metric.Earlier, version int) string {
	before := fmt.Sprintf("version %d", version)
	if version == 0 {
		before = "an earlier one, which is not stored here,"
	}
	held := fmt.Sprintf("Version %d of %s holds from %s; ", e.Metric.Version, e.Metric.Label, Day(e.Metric.Effective))
	if e.All {
		return held + before + " was in force then. This is counted by version " + fmt.Sprint(e.Metric.Version) + "."
	}
	return held + "until then " + before + " was in force. All of this is counted by version " + fmt.Sprint(e.Metric.Version) + "."
}
