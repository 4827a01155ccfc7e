package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/slack-go/slack"

	"salesbot/bot/blocks"
	"salesbot/handlers"
	"salesbot/insights"
)

// sharedFile is a file in a message, as Slack describes it.
type sharedFile struct {
	ID       text  `json:"id"`
	Name     text  `json:"name"`
	Size     int64 `json:"size"`
	Private  text  `json:"url_private"`
	Download text  `json:"url_private_download"`
}

// files are what handlers may read of what was shared.
func (b *Bot) files(shared []sharedFile) []handlers.File {
	files := make([]handlers.File, 0, len(shared))
	for _, f := range shared {
		files = append(files, handlers.File{
			Name: or(string(f.Name), string(f.ID)), Size: f.Size,
			Open: func(ctx context.Context) (io.ReadCloser, error) { return b.download(ctx, f) },
		})
	}
	return files
}

// above finds the files of the message that the question is a reply to. Only
// in a direct message is that the asker's own.
func (b *Bot) above(q question) func(context.Context) ([]handlers.File, error) {
	if !q.direct || q.thread == "" {
		return nil
	}
	return func(ctx context.Context) ([]handlers.File, error) {
		messages, _, _, err := b.reader.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
			ChannelID: q.channel, Timestamp: q.thread, Limit: 1,
		})
		if err != nil {
			return nil, fmt.Errorf("looking up what the reply is to: %w", err)
		}
		if len(messages) == 0 || messages[0].Timestamp != q.thread || messages[0].User != q.user {
			return nil, nil
		}
		var shared []sharedFile
		for _, f := range messages[0].Files {
			shared = append(shared, sharedFile{
				ID: text(f.ID), Name: text(f.Name), Size: int64(f.Size),
				Private: text(f.URLPrivate), Download: text(f.URLPrivateDownload),
			})
		}
		return b.files(shared), nil
	}
}

// download fetches a file with the bot's token, which is shown to nobody but
// Slack: an address elsewhere is not called, nor one that Slack leads on to.
func (b *Bot) download(ctx context.Context, f sharedFile) (io.ReadCloser, error) {
	address, err := url.Parse(string(or(f.Download, f.Private)))
	if err != nil || !b.slacks(address) {
		return nil, unreadableFile(f, "its address is not one of Slack's")
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return nil, unreadableFile(f, "its address cannot be called")
	}
	request.Header.Set("Authorization", "Bearer "+b.cfg.BotToken)
	response, err := b.downloads.Do(request)
	if err != nil {
		return nil, unreadableFile(f, reason(err))
	}
	// Where the token may not read files, Slack answers with a page to sign in.
	page := strings.HasPrefix(response.Header.Get("Content-Type"), "text/html")
	if response.StatusCode != http.StatusOK || page {
		_ = response.Body.Close()
		why := response.Status
		if page {
			why = "a page to sign in came instead: the app may lack the scope files:read"
		}
		return nil, unreadableFile(f, why)
	}
	return response.Body, nil
}

func unreadableFile(f sharedFile, why string) error {
	return &insights.Error{
		Code:    "file_unreadable",
		Message: fmt.Sprintf("Slack did not give me %s. Nothing was loaded.", or(string(f.Name), string(f.ID))),
		Hint:    "Send it again; if that does not help, tell whoever looks after Salesbot: " + why + ".",
	}
}

// slacks reports whether an address is Slack's own: under the domain of Slack
// or, for another API address, the very place that it names.
func (b *Bot) slacks(address *url.URL) bool {
	api, err := url.Parse(b.cfg.APIURL)
	if err != nil {
		return false
	}
	if api.Scheme == "https" && strings.TrimPrefix(api.Host, "www.") == slackDomain {
		return address.Scheme == "https" && strings.HasSuffix("."+address.Host, "."+slackDomain)
	}
	return address.Scheme == api.Scheme && address.Host == api.Host
}

const maxRedirects = 5

const slackDomain = "slack.com"

// downloader calls Slack for files, which may take longer than any other call:
// the context says how long. It is led nowhere that is not Slack's.
func (b *Bot) downloader(web *http.Client) *http.Client {
	return &http.Client{
		Transport: web.Transport,
		CheckRedirect: func(to *http.Request, via []*http.Request) error {
			if !b.slacks(to.URL) || len(via) > maxRedirects {
				return http.ErrUseLastResponse
			}
			return nil
		},
	}
}

// meanwhile says something before the answer. Its key is that of the question,
// so that it is said once however often the question is worked on. If it cannot
// be said now it is not said at all: later, the answer may be there before it.
func (b *Bot) meanwhile(ctx context.Context, r insights.Received, q question, words handlers.Answer) error {
	payload, err := json.Marshal(blocks.Render(words))
	if err != nil {
		return fmt.Errorf("rendering what is said meanwhile: %w", err)
	}
	return b.say(ctx, insights.Turn{At: b.cfg.Now(), Deliveries: []insights.Delivery{{
		Key: fmt.Sprintf("meanwhile:%d", r.ID), Team: r.Team, Target: q.target(), Payload: payload,
		Expires: b.cfg.Now().Add(b.cfg.DeliveryLease),
	}}})
}
