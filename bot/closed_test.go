package bot

import (
	"strings"
	"testing"

	"github.com/slack-go/slack"
)

func TestWhereNothingIsPosted(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*slack.Channel)
		want   string
	}{
		"an open channel":                              {func(*slack.Channel) {}, ""},
		"a private channel":                            {func(c *slack.Channel) { c.IsPrivate = true }, ""},
		"one that is shared with another company":      {func(c *slack.Channel) { c.IsExtShared = true }, "shared outside this workspace"},
		"one that another company is invited to":       {func(c *slack.Channel) { c.IsPendingExtShared = true }, "shared outside this workspace"},
		"one that is shared, nobody says with whom":    {func(c *slack.Channel) { c.IsShared = true }, "shared outside this workspace"},
		"one of several workspaces of an organisation": {func(c *slack.Channel) { c.IsOrgShared = true }, "shared outside this workspace"},
		"one that is archived":                         {func(c *slack.Channel) { c.IsArchived = true }, "is archived"},
		"one that is read-only":                        {func(c *slack.Channel) { c.IsReadOnly = true }, "is read-only"},
		"a direct message":                             {func(c *slack.Channel) { c.IsIM = true }, "This is no channel"},
		"a direct message of several":                  {func(c *slack.Channel) { c.IsMpIM, c.IsPrivate = true, true }, "This is no channel"},
	} {
		var channel slack.Channel
		channel.Name = "sales"
		c.change(&channel)
		if got := closed(channel); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}
