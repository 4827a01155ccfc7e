package workspace

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
)

// object is a JSON object. Objects that were stored (blocks, views, metadata)
// are never changed afterwards, only replaced, so they can be rendered without
// copying.
type object = map[string]any

func text(o object, key string) string {
	s, _ := o[key].(string)
	return s
}

func sub(o object, key string) object {
	m, _ := o[key].(object)
	return m
}

func list(o object, key string) []any {
	l, _ := o[key].([]any)
	return l
}

func truth(o object, key string) bool {
	switch v := o[key].(type) {
	case bool:
		return v
	case string:
		return v == "true" || v == "1"
	case json.Number:
		return v.String() == "1"
	}
	return false
}

func integer(o object, key string) int {
	switch v := o[key].(type) {
	case json.Number:
		n, _ := strconv.Atoi(v.String())
		return n
	case string:
		n, _ := strconv.Atoi(v)
		return n
	}
	return 0
}

// decode reads exactly one JSON value and keeps numbers as they were written.
func decode(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one JSON value")
	}
	return nil
}

// decodeKnown is decode for people's requests: a field nobody knows is a typo.
func decodeKnown(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	d.DisallowUnknownFields()
	return d.Decode(into)
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value) // the client has gone; nobody is left to tell
}

// refusal is an error in Slack's own shape.
type refusal struct {
	code   string
	status int    // HTTP status, 200 when zero
	more   object // further fields of the answer
}

func (r *refusal) Error() string { return r.code }

func refuse(code string) error { return &refusal{code: code} }

func refuseWith(code string, more object) error { return &refusal{code: code, more: more} }

// answer turns the outcome of a method into the body Slack would send.
func answer(result object, err error) (int, object) {
	if err == nil {
		if result == nil {
			result = object{}
		}
		result["ok"] = true
		return http.StatusOK, result
	}
	var r *refusal
	if !errors.As(err, &r) {
		return http.StatusOK, object{"ok": false, "error": "internal_error"}
	}
	body := object{"ok": false, "error": r.code}
	for key, value := range r.more {
		body[key] = value
	}
	if r.status == 0 {
		return http.StatusOK, body
	}
	return r.status, body
}
