package outbox

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/slack-go/slack"

	"salesbot/insights"
)

// A file is said in three calls: Slack gives it an id and an address, takes its
// bytes there, and then shares it in a conversation. Only the last is seen by
// anybody, so all before it can be repeated; and before it the file's id is put
// on record, because that is how the history shows whether it was shared: a
// shared file carries no metadata.

// File is a file as it stands in the ledger.
type File struct {
	Name    string `json:"name"`
	Content []byte `json:"content"`
	Instead string `json:"instead"` // what is said, already escaped, if Slack does not take it
}

// methodShare has its own rate limit.
const methodShare = "files.completeUploadExternal"

// holdsFile reports whether a delivery shares a file.
func holdsFile(d insights.Delivery) bool {
	var p struct {
		File json.RawMessage `json:"file"`
	}
	return json.Unmarshal(d.Payload, &p) == nil && p.File != nil
}

// share uploads a file and shares it, in the time of one call. The delivery comes back with the file's id.
func (o *Outbox) share(ctx context.Context, d insights.Delivery, p Payload) (insights.Delivery, report, error) {
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	id, err := o.upload(ctx, *p.File)
	if err != nil {
		r := interpret(err)
		if r.outcome == unclear { // nobody has seen anything yet
			r.outcome = unreached
		}
		return d, r, nil
	}
	d.Target.File = id
	if err := o.store.PlaceDelivery(ctx, d.ID, d.Attempt, d.Target); err != nil {
		return d, report{}, err
	}
	_, err = o.slack.CompleteUploadExternalContext(ctx, slack.CompleteUploadExternalParameters{
		Files:   []slack.FileSummary{{ID: id, Title: p.File.Name}},
		Channel: d.Target.Channel, InitialComment: p.Text, ThreadTimestamp: d.Target.Thread,
	})
	r := interpret(err)
	r.channel = d.Target.Channel
	return d, r, nil
}

// upload gives Slack the bytes of a file, which nobody sees yet.
func (o *Outbox) upload(ctx context.Context, f File) (id string, err error) {
	address, err := o.slack.GetUploadURLExternalContext(ctx, slack.GetUploadURLExternalParameters{FileName: f.Name, FileSize: len(f.Content)})
	if err != nil {
		return "", err
	}
	return address.FileID, o.slack.UploadToURL(ctx, slack.UploadToURLParameters{
		UploadURL: address.UploadURL, Reader: bytes.NewReader(f.Content), Filename: f.Name,
	})
}

// carries reports whether a message is the one that says the delivery.
func carries(m slack.Message, d insights.Delivery) bool {
	if d.Target.File == "" {
		return m.Metadata.EventType == eventType && m.Metadata.EventPayload["key"] == d.Key
	}
	for _, f := range m.Files {
		if f.ID == d.Target.File {
			return true
		}
	}
	return false
}
