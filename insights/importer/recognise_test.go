package importer_test

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"salesbot/insights"
	"salesbot/insights/importer"
	"salesbot/insights/metric"
)

// What each file of the sample data is taken for; "-": it is not recognised,
// because nothing in it is about sales.
var takenFor = map[string]string{
	"sfdc_devorg/Account.csv":                 "Salesforce accounts",
	"sfdc_devorg/Contact.csv":                 "-",
	"sfdc_devorg/Lead.csv":                    "-", // it does not say when its leads were created
	"sfdc_devorg/Opportunity.csv":             "Salesforce opportunities",
	"sfdc_devorg/OpportunityHistory.csv":      "Salesforce opportunity history",
	"sfdc_devorg/OpportunityHistoryGroup.csv": "-",

	"pipeline_history/data/test1_hubspot_clean.csv":      "HubSpot deals",
	"pipeline_history/data/test2_salesforce_history.csv": "Salesforce opportunity history report",

	"dbt_salesforce/seeds/sf_account_data.csv":               "Salesforce accounts",
	"dbt_salesforce/seeds/sf_account_history_data.csv":       "-",
	"dbt_salesforce/seeds/sf_contact_data.csv":               "-",
	"dbt_salesforce/seeds/sf_contact_history_data.csv":       "-",
	"dbt_salesforce/seeds/sf_event_data.csv":                 "Salesforce events",
	"dbt_salesforce/seeds/sf_lead_data.csv":                  "Salesforce leads",
	"dbt_salesforce/seeds/sf_opportunity_data.csv":           "Salesforce opportunities",
	"dbt_salesforce/seeds/sf_opportunity_history_data.csv":   "Salesforce opportunities with all their versions",
	"dbt_salesforce/seeds/sf_opportunity_line_item_data.csv": "Salesforce opportunity products",
	"dbt_salesforce/seeds/sf_order_data.csv":                 "-",
	"dbt_salesforce/seeds/sf_product_2_data.csv":             "Salesforce products",
	"dbt_salesforce/seeds/sf_task_data.csv":                  "Salesforce tasks",
	"dbt_salesforce/seeds/sf_user_data.csv":                  "Salesforce users",
	"dbt_salesforce/seeds/sf_user_role_data.csv":             "-",

	"dbt_hubspot/seeds/company_data.csv":               "HubSpot companies",
	"dbt_hubspot/seeds/company_data_databricks.csv":    "HubSpot companies",
	"dbt_hubspot/seeds/company_data_postgres.csv":      "HubSpot companies",
	"dbt_hubspot/seeds/company_data_snowflake.csv":     "HubSpot companies",
	"dbt_hubspot/seeds/deal_company_data.csv":          "HubSpot companies of deals",
	"dbt_hubspot/seeds/deal_data.csv":                  "HubSpot deals",
	"dbt_hubspot/seeds/deal_pipeline_data.csv":         "HubSpot pipelines",
	"dbt_hubspot/seeds/deal_pipeline_stage_data.csv":   "HubSpot stages of pipelines",
	"dbt_hubspot/seeds/deal_property_history_data.csv": "HubSpot history of deal properties",
	"dbt_hubspot/seeds/deal_stage_data.csv":            "HubSpot stages that deals have been in",
	"dbt_hubspot/seeds/merged_deal_data.csv":           "HubSpot merged deals",
	"dbt_hubspot/seeds/owner_data.csv":                 "HubSpot owners",

	"maven_crm/accounts.csv":        "Maven accounts",
	"maven_crm/data_dictionary.csv": "-",
	"maven_crm/products.csv":        "Maven products",
	"maven_crm/sales_pipeline.csv":  "Maven deals",
	"maven_crm/sales_teams.csv":     "Maven teams",
}

func TestWhatTheSampleFilesAreTakenFor(t *testing.T) {
	root := filepath.Dir(testData(t, "sfdc_devorg"))
	got, want := map[string]string{}, map[string]string{}
	for _, folder := range []string{"sfdc_devorg", "pipeline_history", "dbt_salesforce", "dbt_hubspot", "maven_crm", "csv_suites"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, _ fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".csv" {
				return err
			}
			name, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			name = filepath.ToSlash(name)
			got[name] = taken(t, path)
			if want[name] = takenFor[name]; want[name] == "" {
				want[name] = "-"
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// taken reads a file by itself and says what it was taken for.
func taken(t *testing.T, path string) string {
	t.Helper()
	_, report, err := readAll(context.Background(), []string{path}, importer.Options{Company: metric.DefaultCompany()})
	var fault *insights.Error
	switch {
	case err == nil:
		return report.Files[0].Layout
	case !errors.As(err, &fault):
		t.Fatalf("%s: %v", path, err)
	case fault.Code == "unknown_file" || fault.Code == "empty_file" || fault.Code == "bad_header" || fault.Code == "duplicate_column":
		return "-"
	}
	return fault.Code + ": " + strings.SplitN(fault.Message, "\n", 2)[0]
}

func TestAFileIsOfTheEntryThatAsksForMost(t *testing.T) {
	const mapping = `
files:
  - {about: few, columns: [id, stage], opportunities: {key: id, stage: stage}}
  - {about: more, columns: [id, stage, amount], not: [draft], opportunities: {key: id, stage: stage, amount: amount}}
  - {about: as many, columns: [id, stage, owner], opportunities: {key: id, stage: stage}}
  - {match: deals.csv, about: by name, opportunities: {key: id, stage: stage}}
`
	m, err := importer.ParseMapping("test.yaml", []byte(mapping))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ file, header, want string }{
		{"x.csv", "ID,Stage", "few"},
		{"x.csv", "id,stage,amount", "more"},
		{"x.csv", "`id`,\"\"\"Stage\"\"\",A-mount", "more"},
		{"x.csv", "id;stage;amount", "more"},
		{"x.csv", "id,stage,amount,draft", "few"},
		{"x.csv", "id,stage,amount,owner", "ambiguous_file"},
		{"Deals.csv", "id,stage,amount,owner", "by name"},
		{"deals.csv", "id,phase", "missing_columns"},
		{"x.csv", "id,phase", "unknown_file"},
	} {
		if got := takenByHeader(t, m, test.file, test.header); got != test.want {
			t.Errorf("%s with %s is taken for %s, want %s", test.file, test.header, got, test.want)
		}
	}
}

func TestWhatANamedFileComesNearestTo(t *testing.T) {
	path := filepath.Join(folder(t, map[string]string{"leads.txt": "Id,Company,Status,IsConverted\n"}), "leads.txt")
	_, _, err := readAll(context.Background(), []string{path}, importer.Options{Company: metric.DefaultCompany()})
	var fault *insights.Error
	if !errors.As(err, &fault) || fault.Code != "unknown_file" ||
		!strings.Contains(fault.Message, "Its header names Id, Company, Status, IsConverted. It comes nearest to Salesforce leads, which also need CreatedDate.") ||
		!strings.Contains(fault.Hint, "--mapping") || !strings.Contains(fault.Hint, "--explain") {
		t.Errorf("got %v", err)
	}
}

// No file is of two entries of the layouts: each asks for columns that no other
// has all of, or says what it is without. Columns besides those that tell a file
// may be needed too.
func TestTheLayoutsExcludeEachOther(t *testing.T) {
	for _, row := range importer.Recognised() {
		got := takenByHeader(t, nil, "export.csv", strings.ReplaceAll(row[1], ", ", ","))
		if got != row[0] && got != "unknown_file" {
			t.Errorf("a file with just %s is taken for %s, not %s", row[1], got, row[0])
		}
	}
}

// takenByHeader says what a named file with nothing but a header is taken for,
// or why it is not.
func takenByHeader(t *testing.T, m *importer.Mapping, name, header string) string {
	t.Helper()
	path := filepath.Join(folder(t, map[string]string{name: header + "\n"}), name)
	_, report, err := readAll(context.Background(), []string{path}, importer.Options{Mapping: m, Company: metric.DefaultCompany()})
	var fault *insights.Error
	switch {
	case errors.As(err, &fault):
		return fault.Code
	case err != nil:
		t.Fatal(err)
	}
	return report.Files[0].Layout
}
