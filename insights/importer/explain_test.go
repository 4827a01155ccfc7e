package importer_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"salesbot/insights/importer"
	"salesbot/insights/metric"
)

func explain(t *testing.T, opt importer.Options, paths ...string) importer.Explanation {
	t.Helper()
	opt.Company = metric.DefaultCompany()
	e, err := importer.Explain(context.Background(), paths, opt)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// What --explain prints for each of the sample exports.
func TestExplanationsOfTheSampleFiles(t *testing.T) {
	for _, name := range []string{"sfdc_devorg", "pipeline_history", "dbt_salesforce", "dbt_hubspot", "maven_crm"} {
		t.Run(name, func(t *testing.T) {
			e := explain(t, importer.Options{}, testData(t, name))
			golden(t, filepath.Join("explain", name+".golden"), e.Text()+"\n---\n"+e.Mapping)
		})
	}
}

// The mapping that --explain writes understands the files as they were without.
func TestTheInferredMappingReadsTheSame(t *testing.T) {
	for _, name := range []string{"sfdc_devorg", "pipeline_history", "dbt_salesforce", "dbt_hubspot", "maven_crm"} {
		t.Run(name, func(t *testing.T) {
			folder := testData(t, name)
			m, err := importer.ParseMapping("inferred.yaml", []byte(explain(t, importer.Options{}, folder).Mapping))
			if err != nil {
				t.Fatal(err)
			}
			sameRead(t, []string{folder}, m)
		})
	}
	t.Run("own layout", func(t *testing.T) {
		folder := folder(t, company())
		m, err := importer.ParseMapping("inferred.yaml", []byte(explain(t, importer.Options{}, folder).Mapping))
		if err != nil {
			t.Fatal(err)
		}
		sameRead(t, []string{folder}, m)
	})
}

// sameRead reads files by their headers and by a mapping, and compares.
func sameRead(t *testing.T, paths []string, m *importer.Mapping) {
	t.Helper()
	opt := importer.Options{Company: metric.DefaultCompany()}
	want, wantReport, err := readAll(context.Background(), paths, opt)
	if err != nil {
		t.Fatal(err)
	}
	opt.Mapping = m
	got, gotReport, err := readAll(context.Background(), paths, opt)
	if err != nil {
		t.Fatal(err)
	}
	// The stages are listed in the mapping now, and its rules are numbered anew.
	for _, b := range []*batch{&want, &got} {
		b.At, b.Rules, b.said = nil, nil, nil
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(batch{})); diff != "" {
		t.Errorf("the records differ (-want +got)\n%s", diff)
	}
	wantReport.Guessed, gotReport.Missing, wantReport.Missing = nil, nil, nil
	for i := range wantReport.Files {
		wantReport.Files[i].Ignored, gotReport.Files[i].Ignored = nil, nil // those of stages that are listed now
	}
	if diff := cmp.Diff(wantReport, gotReport); diff != "" {
		t.Errorf("the reports differ (-want +got)\n%s", diff)
	}
}
