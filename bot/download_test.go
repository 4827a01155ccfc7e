package bot

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

func TestTheTokenIsShownToNobodyButSlack(t *testing.T) {
	var called atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called.Add(1) }))
	defer elsewhere.Close()
	slack := httptest.NewServer(http.RedirectHandler(elsewhere.URL+"/file.csv", http.StatusFound))
	defer slack.Close()
	b := &Bot{cfg: Config{APIURL: slack.URL + "/api/", BotToken: "xoxb-secret"}}
	b.downloads = b.downloader(http.DefaultClient)
	for what, address := range map[string]string{
		"an address elsewhere":    elsewhere.URL + "/file.csv",
		"one that leads on to it": slack.URL + "/file.csv",
		"no address":              "",
	} {
		_, err := b.download(t.Context(), sharedFile{Name: "file.csv", Download: text(address)})
		if err == nil || strings.Contains(err.Error(), "xoxb") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if n := called.Load(); n > 0 {
		t.Errorf("another place than Slack was called %d times", n)
	}
}

func TestWhichAddressesAreSlacks(t *testing.T) {
	cases := []struct {
		api, address string
		want         bool
	}{
		{"https://slack.com/api/", "https://files.slack.com/files-pri/T1-F1/download/crm.csv", true},
		{"https://slack.com/api/", "https://slack.com/files/crm.csv", true},
		{"https://slack.com/api/", "http://files.slack.com/files-pri/T1-F1/crm.csv", false},
		{"https://slack.com/api/", "https://notslack.com/crm.csv", false},
		{"https://slack.com/api/", "https://slack.com.example/crm.csv", false},
		{"https://slack.com/api/", "https://docs.google.com/crm.csv", false},
		{"http://127.0.0.1:4000/api/", "http://127.0.0.1:4000/files-pri/T1-F1/crm.csv", true},
		{"http://127.0.0.1:4000/api/", "http://127.0.0.1:4001/files-pri/T1-F1/crm.csv", false},
		{"http://127.0.0.1:4000/api/", "https://files.slack.com/crm.csv", false},
	}
	for _, c := range cases {
		address, err := http.NewRequest(http.MethodGet, c.address, nil)
		if err != nil {
			t.Fatal(err)
		}
		b := &Bot{cfg: Config{APIURL: c.api}}
		if got := b.slacks(address.URL); got != c.want {
			t.Errorf("with the API at %s, %s is Slack's: %v, want %v", c.api, c.address, got, c.want)
		}
	}
}
