package bot_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"salesbot/bot"
	"salesbot/bot/workspace/workspacetest"
)

// Slack has ten connections for an app and sends an eleventh away at once; the
// client would come back at once, for ever.
func TestABotThatSlackSendsAwayComesBackSlowly(t *testing.T) {
	t.Parallel()
	w := workspacetest.Start(t, company())
	for range 10 {
		occupy(t, w)
	}
	w.WaitForConnections(10)

	s := &stage{Workspace: w, store: newMemory(), clock: &clock{}, log: &lockedBuffer{}}
	b, err := bot.New(s.config(echo))
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	begun := time.Now()
	go func() { ended <- b.Run(t.Context()) }()
	t.Cleanup(func() { <-ended })
	// How often a socket comes before it is stopped is up to the scheduler. When it
	// has been stopped twice, it has rested once.
	s.log.until(t, "a socket that rested twice", func(log string) bool {
		return strings.Count(log, `msg="a socket is opened again" socket=1 reason="connections do not last"`) >= 2
	})
	if took := time.Since(begun); took < time.Second {
		t.Errorf("came back within %s", took)
	}
}

// occupy opens a connection and keeps it.
func occupy(t *testing.T, w *workspacetest.Workspace) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.URL+"/api/apps.connections.open", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer xapp-other")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var opened struct{ URL string }
	if err := json.NewDecoder(response.Body).Decode(&opened); err != nil {
		t.Fatal(err)
	}
	connection, handshake, err := websocket.DefaultDialer.DialContext(t.Context(), opened.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = handshake.Body.Close()
	t.Cleanup(func() { _ = connection.Close() })
	go func() { // answer pings
		for {
			if _, _, err := connection.ReadMessage(); err != nil {
				return
			}
		}
	}()
}
