package importer_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"salesbot/insights"
	"salesbot/insights/importer"
)

// hubspotDeals is an export of deals in the given stages.
func hubspotDeals(stages ...string) map[string]string {
	var out strings.Builder
	out.WriteString("Record ID,Deal Name,Pipeline,Deal Stage,Amount,Close Date\n")
	for i, stage := range stages {
		fmt.Fprintf(&out, "%d,Deal,Sales,%s,100,2024-03-31\n", i+1, stage)
	}
	return map[string]string{"deals.csv": out.String()}
}

func TestStagesThatAreOnlyNamed(t *testing.T) {
	tests := []struct {
		name     string
		files    map[string]string
		answers  map[string]insights.Outcome
		known    []insights.Stage
		want     []string // process, name, position, outcome, probability
		question string
	}{
		{
			name: "by their names", files: hubspotDeals("Demo", "Closed Won", "Offer", "closed lost"),
			want: []string{"Sales|Demo|1|open|", "Sales|Offer|2|open|", "Sales|Closed Won|3|won|", "Sales|closed lost|4|lost|"},
		},
		{
			name:  "by the order of their columns",
			files: map[string]string{"deals.csv": "Record ID,Deal Name,Deal Stage,Pipeline,\"Date entered \"\"Won (New (EU))\"\"\",\"Date entered \"\"Offer (new) (Sales)\"\"\",\"Date entered \"\"Won (Sales)\"\"\"\n1,D,Won,Sales,,2024-01-02,2024-01-03\n"},
			want:  []string{"EU)|Won (New|1|won|", "Sales|Offer (new)|1|open|", "Sales|Won|2|won|"},
		},
		{
			name:  "by their probability",
			files: map[string]string{"report.csv": "Opportunity ID,Stage,Close Date,Probability (%)\n1,Offer,2024-01-02,80%\n2,Talk,2024-01-02,10\n3,Talk,2024-01-02,10%\n4,Talk,2024-01-02,95%\n5,Won,2024-01-02,100%\n"},
			want:  []string{"|Talk|1|open|0.1", "|Offer|2|open|0.8", "|Won|3|won|1"},
		},
		{
			name:  "as other columns say",
			files: map[string]string{"Opportunity.csv": "Id,StageName,CloseDate,IsClosed,IsWon\n1,Signed,2024-01-02,true,TRUE\n2,Dead,2024-01-02,1,0\n3,Talk,2024-01-02,false,false\n"},
			want:  []string{"|Talk|1|open|", "|Signed|2|won|", "|Dead|3|lost|"},
		},
		{
			name: "a name that leaves it open", files: hubspotDeals("Demo", "Signed", "Won", "Abandoned"),
			question: "Signed (Sales): is it won, lost or open?\n  Abandoned (Sales): is it won, lost or open?",
		},
		{
			name: "as somebody answered", files: hubspotDeals("Demo", "Signed", "Abandoned"),
			answers: map[string]insights.Outcome{"signed": insights.Won, "Abandoned (sales)": insights.Lost},
			want:    []string{"Sales|Demo|1|open|", "Sales|Signed|2|won|", "Sales|Abandoned|3|lost|"},
		},
		{
			name: "none that means won", files: hubspotDeals("Demo", "Lost"),
			question: "Which stage of Sales means that a deal is won? There are Demo, Lost.",
		},
		{
			name: "those that are stored need no guess", files: hubspotDeals("Demo", "Signed"),
			known: []insights.Stage{{Process: "Sales", Name: "Demo", Outcome: insights.Open}, {Process: "Sales", Name: "Signed", Outcome: insights.Won}},
		},
		{
			name: "as they mean where no process is named", files: hubspotDeals("Demo", "Signed"),
			known: []insights.Stage{{Name: "Demo", Outcome: insights.Open, Probability: "0.4"}, {Name: "Signed", Outcome: insights.Won}},
			want:  []string{"Sales|Demo|1|open|0.4", "Sales|Signed|2|won|"},
		},
		{
			name: "one of them is new, and those of another process are others", files: hubspotDeals("Demo", "Legal", "Won"),
			known: []insights.Stage{
				{Process: "Sales", Name: "Demo", Position: 4, Outcome: insights.Open}, {Process: "Renewals", Name: "Won", Position: 7, Outcome: insights.Won},
			},
			want: []string{"Sales|Legal|5|open|", "Sales|Won|6|won|"},
		},
		{
			name: "a file that explains them goes before", files: map[string]string{
				"deals.csv": hubspotDeals("Demo", "Signed")["deals.csv"], "stages.csv": "name,position,outcome\nDemo,1,open\nSigned,2,won\n",
			},
			want: []string{"|Demo|1|open|", "|Signed|2|won|"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			batch, report, err := read(t, test.files, importer.Options{StageOutcomes: test.answers, Stages: test.known})
			if test.question != "" {
				var fault *insights.Error
				if !errors.As(err, &fault) || fault.Code != "unclear_stages" || !strings.Contains(fault.Message, test.question) || !strings.Contains(fault.Hint, "--stage") {
					t.Fatalf("got %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range batch.Stages {
				got = append(got, fmt.Sprintf("%s|%s|%d|%s|%s", s.Process, s.Name, s.Position, s.Outcome, s.Probability))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if guessed := len(report.Guessed) > 0; guessed != (len(test.want) > 0 && len(test.files) == 1) {
				t.Errorf("told as guessed: %v", report.Guessed)
			}
		})
	}
}

func TestAnswersAboutStages(t *testing.T) {
	stage, outcome, err := importer.ParseStageOutcome(" Signed = 5 (Renewals) = Won ")
	if stage != "Signed = 5 (Renewals)" || outcome != insights.Won || err != nil {
		t.Errorf("got %q, %q, %v", stage, outcome, err)
	}
	for _, answer := range []string{"", "Signed", "=won", "Signed=", "Signed=closed"} {
		var fault *insights.Error
		if _, _, err := importer.ParseStageOutcome(answer); !errors.As(err, &fault) || fault.Code != "bad_stage" {
			t.Errorf("%q: got %v", answer, err)
		}
	}
}
