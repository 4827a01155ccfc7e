package workspace

import (
	"slices"
	"strings"
)

func command(s *Server, body []byte) (deed, error) {
	asked, err := request[struct {
		As      string `json:"as"`
		Channel string `json:"channel"`
		Command string `json:"command"`
		Text    string `json:"text"`
	}](body)
	if err != nil {
		return deed{}, err
	}
	u, c, err := s.writable(asked.As, asked.Channel)
	switch {
	case err != nil:
		return deed{}, err
	case u.Stranger: // only members of the installing workspace can
		return deed{}, refuse("not_allowed")
	case !s.hasCommand(asked.Command):
		return deed{}, refuse("unknown_command")
	}
	payload := object{
		"token": "local", "team_id": s.teamOf(u), "team_domain": s.domain(), "channel_id": c.ID,
		"channel_name": channelName(c), "user_id": u.ID, "user_name": u.Name, "command": asked.Command,
		"text": s.linked(asked.Text, true), "api_app_id": s.cfg.Bot.AppID, "is_enterprise_install": "false",
		"response_url": s.newHook(u.ID, c, ""), "trigger_id": s.newTrigger(u.ID),
	}
	typed := strings.TrimSpace(asked.Command + " " + asked.Text)
	d := s.dispatch(&envelope{
		kind: "slash_commands", payload: payload, accepts: true,
		onAck: func(said object) string { return s.answerCommand(u, c, typed, said) },
	})
	return deed{delivery: d, last: func(object) { s.explainFailure(u, c, asked.Command, d) }}, nil
}

func (s *Server) hasCommand(name string) bool {
	if !strings.HasPrefix(name, "/") || len(name) < 2 {
		return false
	}
	return len(s.cfg.Commands) == 0 ||
		slices.ContainsFunc(s.cfg.Commands, func(c Command) bool { return c.Command == name })
}

func channelName(c *channel) string {
	switch {
	case c.im:
		return "directmessage"
	case c.Private:
		return "privategroup"
	}
	return c.Name
}

// answerCommand shows what the bot put into the ack of a command. When the
// channel is to see it, it sees the command as well.
func (s *Server) answerCommand(u *user, c *channel, typed string, said object) string {
	if len(said) == 0 {
		return ""
	}
	a := args{said}
	if a.text("response_type") == "in_channel" {
		s.post(&message{channel: c, author: u.ID, text: typed, subtype: "slash_command", clientID: uuid()})
	}
	if err := s.reply(u.ID, c, "", a); err != nil {
		return err.Error()
	}
	return ""
}

// explainFailure is what Slack writes to the person whose command came to
// nothing.
func (s *Server) explainFailure(u *user, c *channel, name string, d *delivery) {
	if code := text(d.view, "error"); code != "" && code != "reset" {
		s.slackbotSays(c, u.ID, name+` failed with the error "`+code+`"`)
	}
}

// target is what a person presses: an element of a message or of a view.
type target struct {
	As       string `json:"as"`
	Channel  string `json:"channel"`
	TS       string `json:"ts"`
	ViewID   string `json:"view_id"`
	BlockID  string `json:"block_id"`
	ActionID string `json:"action_id"`
	Value    any    `json:"value"`
}

// surface is the message or the view in which the target stands.
type surface struct {
	user    *user
	channel *channel
	message *message
	view    *view
	element element
}

func (s *Server) aim(body []byte) (target, surface, error) {
	asked, err := request[target](body)
	if err != nil {
		return asked, surface{}, err
	}
	u, err := s.actor(asked.As)
	if err != nil {
		return asked, surface{}, err
	}
	at := surface{user: u}
	blocks, err := s.facing(&at, asked)
	if err != nil {
		return asked, surface{}, err
	}
	e, ok := shown(blocks, asked.BlockID, asked.ActionID)
	if !ok || hiddenFrom(u, e) {
		return asked, surface{}, refuse("not_shown")
	}
	at.element = e
	return asked, at, nil
}

// facing finds the surface and its blocks.
func (s *Server) facing(at *surface, asked target) ([]any, error) {
	if asked.ViewID != "" {
		at.view = s.facingView(at.user, asked.ViewID)
		if at.view == nil {
			return nil, refuse("not_shown")
		}
		return at.view.blocks, nil
	}
	c, err := s.place(at.user, asked.Channel)
	if err != nil {
		return nil, err
	}
	m, err := visible(at.user, c, asked.TS)
	if err != nil {
		return nil, err
	}
	if !c.has(at.user.ID) {
		return nil, refuse("not_in_channel") // a preview of a channel has no buttons
	}
	at.channel, at.message = c, m
	if !m.bot {
		return nil, refuse("not_shown")
	}
	return m.blocks, nil
}

// facingView is the view a person has in front of them: the top modal, or the
// Home tab.
func (s *Server) facingView(u *user, id string) *view {
	if home := s.homes[u.ID]; home != nil && home.id == id {
		return home
	}
	return s.topView(u, id)
}

func (s *Server) topView(u *user, id string) *view {
	stack := s.stacks[u.ID]
	if len(stack) == 0 || stack[len(stack)-1].id != id {
		return nil
	}
	return stack[len(stack)-1]
}

func hiddenFrom(u *user, e element) bool {
	only := list(e.object, "visible_to_user_ids")
	return len(only) > 0 && !slices.Contains(only, any(u.ID))
}

func act(s *Server, body []byte) (deed, error) {
	asked, at, err := s.aim(body)
	if err != nil {
		return deed{}, err
	}
	action, err := s.press(at, asked.Value)
	if err != nil {
		return deed{}, err
	}
	if at.element.input != nil && !truth(at.element.input, "dispatch_action") {
		s.touch()
		return deed{}, nil
	}
	payload := s.interaction("block_actions", at)
	payload["actions"] = []any{action}
	s.touch()
	return deed{delivery: s.dispatch(&envelope{kind: "interactive", payload: payload})}, nil
}

// press does to the element what the person does, and answers the action that
// the bot is told of.
func (s *Server) press(at surface, value any) (object, error) {
	e := at.element
	action := object{
		"type": e.kind(), "action_id": e.actionID(), "block_id": e.blockID, "action_ts": s.nextTS(),
	}
	switch e.kind() {
	case "button", "icon_button", "workflow_button":
		for _, key := range []string{"text", "value", "style", "url", "accessibility_label"} {
			if e.object[key] != nil {
				action[key] = e.object[key]
			}
		}
		return action, nil
	case "overflow", "feedback_buttons":
		chosen, ok := s.option(e, value)
		if !ok {
			return nil, refuse("not_shown")
		}
		if e.kind() == "overflow" {
			action["selected_option"] = chosen
			return action, nil
		}
		action["text"], action["value"] = asObject(chosen)["text"], asObject(chosen)["value"]
		return action, nil
	}
	state, ok := s.choose(e, value)
	if !ok {
		return nil, refuse("not_shown")
	}
	s.keep(at, state)
	for key, field := range state {
		action[key] = field
	}
	for _, key := range []string{"placeholder", kept[e.kind()].initial} {
		if e.object[key] != nil && key != "" {
			action[key] = e.object[key]
		}
	}
	return action, nil
}

// keep remembers what was chosen where it was chosen.
func (s *Server) keep(at surface, state object) {
	e := at.element
	if at.view != nil {
		at.view.chosen = at.view.chosen.with(e.blockID, e.actionID(), state)
		return
	}
	if at.message.chosen == nil {
		at.message.chosen = map[string]values{}
	}
	at.message.chosen[at.user.ID] = at.message.chosen[at.user.ID].with(e.blockID, e.actionID(), state)
}

// interaction is what all interactive payloads have in common.
func (s *Server) interaction(kind string, at surface) object {
	u := at.user
	payload := object{
		"type": kind, "token": "local", "api_app_id": s.cfg.Bot.AppID, "trigger_id": s.newTrigger(u.ID),
		"team":       object{"id": s.cfg.TeamID, "domain": s.domain()},
		"user":       object{"id": u.ID, "username": u.Name, "name": u.Name, "team_id": s.teamOf(u)},
		"enterprise": nil, "is_enterprise_install": false,
	}
	if at.view != nil {
		payload["view"] = s.viewObject(at.view)
		payload["container"] = object{"type": "view", "view_id": at.view.id}
	}
	if at.message != nil {
		s.addMessage(payload, at)
	}
	return payload
}

func (s *Server) addMessage(payload object, at surface) {
	m := at.message
	container := object{
		"type": "message", "message_ts": m.ts, "channel_id": at.channel.ID, "is_ephemeral": m.only != "",
	}
	put(container, "thread_ts", m.thread)
	payload["container"] = container
	payload["channel"] = object{"id": at.channel.ID, "name": channelName(at.channel)}
	payload["state"] = object{"values": m.chosen[at.user.ID].all(m.blocks)}
	payload["response_url"] = s.newHook(at.user.ID, at.channel, m.ts)
	if m.only == "" { // Slack does not send back what only one person saw
		payload["message"] = s.wire(m, true)
	}
}

func suggest(s *Server, body []byte) (deed, error) {
	asked, at, err := s.aim(body)
	if err != nil {
		return deed{}, err
	}
	words, isText := asked.Value.(string)
	if !isText || !strings.HasSuffix(at.element.kind(), "external_select") {
		return deed{}, refuse("not_shown")
	}
	payload := s.interaction("block_suggestion", at)
	delete(payload, "trigger_id")
	delete(payload, "response_url")
	payload["action_id"], payload["block_id"], payload["value"] = at.element.actionID(), at.element.blockID, words
	offer := object{"options": []any{}, "option_groups": []any{}}
	d := s.dispatch(&envelope{kind: "interactive", payload: payload, accepts: true, onAck: func(said object) string {
		return s.takeOffer(at.element, said, offer)
	}})
	return deed{answer: offer, delivery: d}, nil
}

// takeOffer shows what the bot offers and remembers it for the choice.
func (s *Server) takeOffer(e element, said, offer object) string {
	if problem := checkOptions(said); problem != "" {
		return problem
	}
	found := []any{}
	for _, o := range offered(said) {
		found = append(found, o)
	}
	s.offers[e.key()] = found
	for _, key := range []string{"options", "option_groups"} {
		if given := list(said, key); given != nil {
			offer[key] = given
		}
	}
	return ""
}

func submit(s *Server, body []byte) (deed, error) {
	asked, err := request[struct {
		As     string                    `json:"as"`
		ViewID string                    `json:"view_id"`
		Values map[string]map[string]any `json:"values"`
	}](body)
	if err != nil {
		return deed{}, err
	}
	u, err := s.actor(asked.As)
	if err != nil {
		return deed{}, err
	}
	v := s.topView(u, asked.ViewID)
	if v == nil || v.asked["submit"] == nil {
		return deed{}, refuse("not_shown")
	}
	if err := s.fill(v, asked.Values); err != nil {
		return deed{}, err
	}
	s.touch()
	if wrong := complaints(v); len(wrong) > 0 {
		return deed{answer: object{"errors": wrong, "stack": s.stackIDs(u)}}, nil
	}
	payload := s.interaction("view_submission", surface{user: u, view: v})
	delete(payload, "container")
	payload["response_urls"] = []any{}
	result := object{}
	d := s.dispatch(&envelope{kind: "interactive", payload: payload, accepts: true, onAck: func(said object) string {
		return s.afterSubmit(u, v, said, result)
	}})
	return deed{answer: result, delivery: d, last: func(answer object) { answer["stack"] = s.stackIDs(u) }}, nil
}

// fill puts what the person typed into the view.
func (s *Server) fill(v *view, typed map[string]map[string]any) error {
	for blockID, actions := range typed {
		for actionID, value := range actions {
			e, ok := shown(v.blocks, blockID, actionID)
			if !ok {
				return refuseWith("not_shown", object{"detail": blockID + "/" + actionID})
			}
			state, ok := s.choose(e, value)
			if !ok {
				return refuseWith("not_shown", object{"detail": blockID + "/" + actionID + " does not offer that value"})
			}
			v.chosen = v.chosen.with(e.blockID, e.actionID(), state)
		}
	}
	return nil
}

func complaints(v *view) object {
	wrong := object{}
	for _, e := range elements(v.blocks) {
		if e.input == nil {
			continue
		}
		if words := complaint(e, v.chosen.state(e)); words != "" {
			wrong[e.blockID] = words
		}
	}
	return wrong
}

// afterSubmit does what the ack of a submission says.
func (s *Server) afterSubmit(u *user, v *view, said, result object) string {
	if s.topView(u, v.id) == nil {
		return "" // the person has closed it meanwhile
	}
	s.touch()
	asked := sub(said, "view")
	switch text(said, "response_action") {
	case "errors":
		return s.showErrors(v, sub(said, "errors"), result)
	case "clear":
		delete(s.stacks, u.ID)
	case "update":
		if err := s.checkNewView(asked, "modal", v.id); err != nil {
			return err.Error()
		}
		s.replace(v, asked)
	case "push":
		if err := s.checkNewView(asked, "modal", ""); err != nil {
			return err.Error()
		}
		if _, err := s.push(u.ID, asked); err != nil {
			return err.Error()
		}
	case "":
		s.pop(u)
	default:
		return "invalid_response_action"
	}
	return ""
}

// showErrors takes only errors for inputs that are there; Slack shows none of
// them when one is for something else.
func (s *Server) showErrors(v *view, wrong, result object) string {
	for blockID := range wrong {
		known := slices.ContainsFunc(elements(v.blocks), func(e element) bool { return e.blockID == blockID && e.input != nil })
		if !known {
			return "unknown block_id in errors: " + blockID
		}
	}
	if len(wrong) == 0 {
		return "errors is empty"
	}
	result["errors"] = wrong
	return ""
}

func (s *Server) pop(u *user) {
	stack := s.stacks[u.ID]
	s.stacks[u.ID] = stack[:len(stack)-1]
	s.touch()
}

func (s *Server) stackIDs(u *user) []string {
	ids := []string{}
	for _, v := range s.stacks[u.ID] {
		ids = append(ids, v.id)
	}
	return ids
}

func closeView(s *Server, body []byte) (deed, error) {
	asked, err := request[struct {
		As     string `json:"as"`
		ViewID string `json:"view_id"`
		All    bool   `json:"all"`
	}](body)
	if err != nil {
		return deed{}, err
	}
	u, err := s.actor(asked.As)
	if err != nil {
		return deed{}, err
	}
	v := s.topView(u, asked.ViewID)
	if v == nil {
		return deed{}, refuse("not_shown")
	}
	payload := s.interaction("view_closed", surface{user: u, view: v})
	delete(payload, "container")
	delete(payload, "trigger_id")
	payload["is_cleared"] = asked.All
	s.pop(u)
	if asked.All || truth(v.asked, "clear_on_close") {
		delete(s.stacks, u.ID)
	}
	done := deed{answer: object{"stack": s.stackIDs(u)}}
	if truth(v.asked, "notify_on_close") {
		done.delivery = s.dispatch(&envelope{kind: "interactive", payload: payload})
	}
	return done, nil
}

func openHome(s *Server, body []byte) (deed, error) {
	asked, err := request[struct {
		As  string `json:"as"`
		Tab string `json:"tab"`
	}](body)
	if err != nil {
		return deed{}, err
	}
	u, err := s.actor(asked.As)
	if err != nil {
		return deed{}, err
	}
	tab := either(asked.Tab, "home")
	if tab != "home" && tab != "messages" {
		return deed{}, refuse("not_shown")
	}
	return deed{
		delivery: s.tellHomeOpened(u, tab),
		last:     func(answer object) { answer["home"] = s.home(u) },
	}, nil
}

func shortcut(s *Server, body []byte) (deed, error) {
	asked, err := request[struct {
		As         string `json:"as"`
		CallbackID string `json:"callback_id"`
		Channel    string `json:"channel"`
		TS         string `json:"ts"`
	}](body)
	if err != nil {
		return deed{}, err
	}
	u, err := s.actor(asked.As)
	if err != nil {
		return deed{}, err
	}
	at, kind := surface{user: u}, "shortcut"
	if asked.TS != "" {
		kind = "message_action"
		if at.channel, err = s.place(u, asked.Channel); err != nil {
			return deed{}, err
		}
		if at.message, err = visible(u, at.channel, asked.TS); err != nil {
			return deed{}, err
		}
	}
	payload := s.interaction(kind, at)
	payload["callback_id"], payload["action_ts"] = asked.CallbackID, s.nextTS()
	if at.message != nil {
		payload["message_ts"] = at.message.ts
		delete(payload, "container")
		delete(payload, "state")
	}
	return deed{delivery: s.dispatch(&envelope{kind: "interactive", payload: payload})}, nil
}
