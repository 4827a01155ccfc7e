package workspace

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

const maxBody = 4 << 20

// method is one method of the Web API. It runs with the lock held.
type method struct {
	run    func(*Server, args) (object, error)
	scopes []string // any of them is enough; none: no scope is needed
	app    bool     // takes the app-level token instead of the bot's
}

var methods = map[string]method{
	"api.test":                     {run: (*Server).apiTest},
	"apps.connections.open":        {run: (*Server).connectionsOpen, app: true},
	"auth.test":                    {run: (*Server).authTest},
	"bots.info":                    {run: (*Server).botsInfo, scopes: []string{"users:read"}},
	"chat.delete":                  {run: (*Server).chatDelete, scopes: []string{"chat:write"}},
	"chat.getPermalink":            {run: (*Server).chatGetPermalink},
	"chat.postEphemeral":           {run: (*Server).chatPostEphemeral, scopes: []string{"chat:write"}},
	"chat.postMessage":             {run: (*Server).chatPostMessage, scopes: []string{"chat:write"}},
	"chat.update":                  {run: (*Server).chatUpdate, scopes: []string{"chat:write"}},
	"conversations.history":        {run: (*Server).conversationsHistory},
	"conversations.info":           {run: (*Server).conversationsInfo},
	"conversations.list":           {run: (*Server).conversationsList, scopes: []string{"channels:read", "groups:read", "im:read"}},
	"conversations.members":        {run: (*Server).conversationsMembers},
	"conversations.open":           {run: (*Server).conversationsOpen, scopes: []string{"im:write"}},
	"conversations.replies":        {run: (*Server).conversationsReplies},
	"files.completeUploadExternal": {run: (*Server).filesComplete, scopes: []string{"files:write"}},
	"files.getUploadURLExternal":   {run: (*Server).filesGetUploadURL, scopes: []string{"files:write"}},
	"files.info":                   {run: (*Server).filesInfo, scopes: []string{"files:read"}},
	"reactions.add":                {run: (*Server).reactionsAdd, scopes: []string{"reactions:write"}},
	"reactions.remove":             {run: (*Server).reactionsRemove, scopes: []string{"reactions:write"}},
	"team.info":                    {run: (*Server).teamInfo},
	"users.conversations":          {run: (*Server).usersConversations, scopes: []string{"channels:read", "groups:read", "im:read"}},
	"users.info":                   {run: (*Server).usersInfo, scopes: []string{"users:read"}},
	"users.list":                   {run: (*Server).usersList, scopes: []string{"users:read"}},
	"users.lookupByEmail":          {run: (*Server).usersLookupByEmail, scopes: []string{"users:read.email"}},
	"views.open":                   {run: (*Server).viewsOpen},
	"views.publish":                {run: (*Server).viewsPublish},
	"views.push":                   {run: (*Server).viewsPush},
	"views.update":                 {run: (*Server).viewsUpdate},
}

// args are a call's arguments, whichever way they were encoded.
type args struct {
	object
}

func (a args) text(key string) string {
	switch v := a.object[key].(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// value is an argument that holds JSON; in a form it is JSON in a string. The
// second result says whether it could be read.
func (a args) value(key string) (any, bool) {
	raw, isString := a.object[key].(string)
	if !isString {
		return a.object[key], true
	}
	if raw == "" {
		return nil, true
	}
	var v any
	if decode([]byte(raw), &v) != nil {
		return nil, false
	}
	return v, true
}

func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	name := r.PathValue("method")
	a, token, err := readArgs(w, r)
	w.Header().Set("X-OAuth-Scopes", strings.Join(s.cfg.Scopes, ","))

	s.mu.Lock()
	f := s.takeFault(name, a.text("channel"))
	s.mu.Unlock()
	f.delay(r.Context())

	s.mu.Lock()
	status, body := 0, object(nil)
	switch {
	case f.lost(lostRequest):
	case f.fails():
		status, body = f.answer(w)
	case err != nil:
		status, body = answer(nil, err)
	default:
		s.learnAddress(r)
		status, body = answer(s.call(name, a, token))
	}
	s.record(object{
		"kind": "api", "method": name, "params": a.readable(), "status": status, "result": body,
		"ms": time.Since(started).Milliseconds(), "fault": f != nil,
	})
	s.mu.Unlock()

	f.reply(w, status, body)
}

func (s *Server) call(name string, a args, token string) (object, error) {
	m, known := methods[name]
	if err := s.authorise(token, m.app); err != nil {
		return nil, err
	}
	if !known {
		return nil, refuseWith("unknown_method", object{"req_method": name})
	}
	if err := s.needs(m.scopes...); err != nil {
		return nil, err
	}
	return m.run(s, a)
}

func (s *Server) authorise(token string, app bool) error {
	isBot, isApp := strings.HasPrefix(token, "xoxb-"), strings.HasPrefix(token, "xapp-")
	switch {
	case token == "":
		return refuse("not_authed")
	case !isBot && !isApp:
		return refuse("invalid_auth")
	case isBot && s.cfg.BotToken != "" && token != s.cfg.BotToken:
		return refuse("invalid_auth")
	case isApp && s.cfg.AppToken != "" && token != s.cfg.AppToken:
		return refuse("invalid_auth")
	case isApp != app:
		return refuse("not_allowed_token_type")
	}
	return nil
}

func (s *Server) needs(anyOf ...string) error {
	if len(anyOf) == 0 || s.hasScope(anyOf...) {
		return nil
	}
	return refuseWith("missing_scope", object{
		"needed": anyOf[0], "provided": strings.Join(s.cfg.Scopes, ","),
	})
}

// readArgs takes the arguments and the token, which stays apart from them so
// that it cannot reach the log.
func readArgs(w http.ResponseWriter, r *http.Request) (args, string, error) {
	a := args{object{}}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind == "application/json" {
		if err := readJSONArgs(r, a); err != nil {
			return args{object{}}, "", err
		}
	} else if err := readFormArgs(r, kind, a); err != nil {
		return args{object{}}, "", err
	}
	token := a.text("token")
	delete(a.object, "token")
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		token = bearer
	}
	return a, token, nil
}

func readJSONArgs(r *http.Request, a args) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return refuse("request_too_large")
	}
	var read any
	if len(body) > 0 && decode(body, &read) != nil {
		return refuse("invalid_json")
	}
	o, isObject := read.(object)
	if read != nil && !isObject {
		return refuse("json_not_object")
	}
	for key, value := range o {
		a.object[key] = value
	}
	return nil
}

func readFormArgs(r *http.Request, kind string, a args) error {
	var err error
	if kind == "multipart/form-data" {
		err = r.ParseMultipartForm(maxBody)
	} else {
		err = r.ParseForm()
	}
	if err != nil {
		return refuse("invalid_form_data")
	}
	for key, values := range r.Form {
		a.object[key] = values[0]
	}
	return nil
}

// readable is the arguments for the log: JSON in strings is shown as JSON.
func (a args) readable() object {
	shown := object{}
	for key, value := range a.object {
		shown[key] = value
		raw, isString := value.(string)
		if !isString || raw == "" || !strings.ContainsRune("[{", rune(raw[0])) || key == "text" {
			continue
		}
		if decoded, ok := a.value(key); ok {
			shown[key] = decoded
		}
	}
	return shown
}

func (s *Server) apiTest(a args) (object, error) { return object{"args": a.object}, nil }

func (s *Server) authTest(args) (object, error) {
	return object{
		"url": "https://" + s.domain() + ".slack.com/", "team": s.cfg.Team, "team_id": s.cfg.TeamID,
		"user": s.cfg.Bot.Name, "user_id": s.cfg.Bot.UserID, "bot_id": s.cfg.Bot.BotID,
		"app_id": s.cfg.Bot.AppID, "is_enterprise_install": false,
	}, nil
}

func (s *Server) teamInfo(args) (object, error) {
	return object{"team": object{"id": s.cfg.TeamID, "name": s.cfg.Team, "domain": s.domain(), "email_domain": "", "icon": object{}}}, nil
}

func (s *Server) botsInfo(args) (object, error) {
	bot := s.botProfile()
	bot["user_id"] = s.cfg.Bot.UserID
	return object{"bot": bot}, nil
}

// paged cuts one page out of all and answers the cursor of the next one.
func paged[T any](a args, all []T, normal int) ([]T, object) {
	limit := integer(a.object, "limit")
	if limit <= 0 || limit > 999 {
		limit = normal
	}
	start, _ := strconv.Atoi(a.text("cursor"))
	start = min(max(start, 0), len(all))
	end := min(start+limit, len(all))
	next := ""
	if end < len(all) {
		next = strconv.Itoa(end)
	}
	return slices.Clone(all[start:end]), object{"next_cursor": next}
}
