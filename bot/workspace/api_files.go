package workspace

import (
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
)

type file struct {
	id, name, title, mimetype string
	owner                     string
	content                   []byte
	length                    int
	uploaded, shared          bool
}

const maxFile = 64 << 20

func (s *Server) filesGetUploadURL(a args) (object, error) {
	length := integer(a.object, "length")
	switch {
	case a.text("filename") == "":
		return nil, refuse("missing_argument")
	case length < 1:
		return nil, refuse("missing_argument")
	case length > maxFile:
		return nil, refuse("file_upload_size_restricted")
	}
	f := s.newFile(a.text("filename"), s.cfg.Bot.UserID)
	f.length = length
	return object{"upload_url": s.base + "/upload/" + f.id, "file_id": f.id}, nil
}

func (s *Server) newFile(name, owner string) *file {
	f := &file{id: s.nextID("F"), name: name, title: name, owner: owner}
	f.mimetype = either(mime.TypeByExtension(path.Ext(name)), "application/octet-stream")
	s.files[f.id] = f
	return f
}

func (s *Server) serveUpload(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	s.mu.Lock()
	fault := s.takeFault("upload", "")
	s.mu.Unlock()
	fault.delay(r.Context())
	content, err := readUpload(w, r)

	s.mu.Lock()
	status, reply := 0, ""
	switch {
	case fault.lost(lostRequest):
	case fault.fails():
		status, _ = fault.answer(w)
	default:
		status, reply = s.storeUpload(id, content, err)
	}
	s.record(object{
		"kind": "api", "method": "upload", "params": object{"file": id, "bytes": len(content)},
		"status": status, "result": object{"ok": status == http.StatusOK}, "fault": fault != nil,
	})
	s.mu.Unlock()

	if fault.lost(lostRequest) || fault.lost(lostResponse) {
		panic(http.ErrAbortHandler)
	}
	http.Error(w, reply, status)
}

func (s *Server) storeUpload(id string, content []byte, err error) (int, string) {
	f := s.files[id]
	switch {
	case err != nil:
		return http.StatusBadRequest, "bad upload"
	case f == nil || f.uploaded:
		return http.StatusNotFound, "no such upload"
	case len(content) != f.length:
		return http.StatusBadRequest, "length differs from what was announced"
	}
	f.content, f.uploaded = content, true
	return http.StatusOK, "OK - " + strconv.Itoa(len(content))
}

// readUpload takes the bytes as they are or as the first part of a form.
func readUpload(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxFile+1<<16)
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "multipart/form-data" {
		return io.ReadAll(r.Body)
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, err
	}
	for {
		part, err := parts.NextPart()
		if err != nil {
			return nil, err
		}
		if part.FileName() != "" {
			return io.ReadAll(part)
		}
	}
}

func (s *Server) filesComplete(a args) (object, error) {
	raw, readable := a.value("files")
	wanted, isList := raw.([]any)
	if !readable || !isList || len(wanted) == 0 {
		return nil, refuse("invalid_arguments")
	}
	var done []*file
	for _, w := range wanted {
		item, _ := w.(object)
		f := s.files[text(item, "id")]
		if f == nil || !f.uploaded {
			return nil, refuse("file_not_found")
		}
		f.title = either(text(item, "title"), f.title)
		done = append(done, f)
	}
	if err := s.shareFiles(a, done); err != nil {
		return nil, err
	}
	return object{"files": s.fileObjects(done)}, nil
}

func (s *Server) shareFiles(a args, files []*file) error {
	id := either(a.text("channel_id"), a.text("channels"))
	if id == "" {
		return nil
	}
	c, err := s.postable(id)
	if err != nil {
		return err
	}
	blocks, err := readBlocks(a)
	if err != nil {
		return err
	}
	m := &message{channel: c, author: s.cfg.Bot.UserID, bot: true, text: a.text("initial_comment"), blocks: blocks, files: files}
	if err := m.joinThread(a.text("thread_ts")); err != nil {
		return err
	}
	for _, f := range files {
		f.shared = true
	}
	s.post(m)
	s.tellMessage(m)
	return nil
}

func (s *Server) filesInfo(a args) (object, error) {
	f := s.files[a.text("file")]
	if f == nil {
		return nil, refuse("file_not_found")
	}
	return object{"file": s.fileObjects([]*file{f})[0]}, nil
}

func (s *Server) fileObjects(files []*file) []object {
	shown := make([]object, 0, len(files))
	for _, f := range files {
		address := s.base + "/files-pri/" + s.cfg.TeamID + "-" + f.id + "/"
		name := url.PathEscape(f.name)
		shown = append(shown, object{
			"id": f.id, "name": f.name, "title": f.title, "mimetype": f.mimetype,
			"filetype": strings.TrimPrefix(path.Ext(f.name), "."), "size": len(f.content), "user": f.owner,
			"mode": "hosted", "is_external": false, "created": s.cfg.Now().Unix(),
			"url_private": address + name, "url_private_download": address + "download/" + name, "permalink": address + name,
		})
	}
	return shown
}

// servePrivate hands a file to the bot. Like Slack, it sends whoever has no
// token that may read files to a page to sign in, which is no error.
func (s *Server) servePrivate(w http.ResponseWriter, r *http.Request) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	s.mu.Lock()
	fault := s.takeFault("download", "")
	allowed := s.authorise(token, false) == nil && s.hasScope("files:read")
	f := s.files[strings.TrimPrefix(r.PathValue("id"), s.cfg.TeamID+"-")]
	s.mu.Unlock()
	fault.delay(r.Context())

	status := http.StatusOK
	switch {
	case fault.lost(lostRequest), fault.lost(lostResponse):
		panic(http.ErrAbortHandler)
	case fault.fails():
		status, _ = fault.answer(w)
		http.Error(w, "", status)
	case !allowed:
		status = http.StatusFound
		http.Redirect(w, r, "/?redir="+url.QueryEscape(r.URL.Path), status)
	case f == nil || !f.uploaded:
		status = http.StatusNotFound
		http.NotFound(w, r)
	default:
		handOut(w, f)
	}
	s.mu.Lock()
	s.record(object{
		"kind": "api", "method": "download", "params": object{"file": r.PathValue("id")},
		"status": status, "result": object{"ok": status == http.StatusOK}, "fault": fault != nil,
	})
	s.mu.Unlock()
}

// serveFile hands a file to a person.
func (s *Server) serveFile(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	f := s.files[r.PathValue("id")]
	s.mu.Unlock()
	if f == nil || !f.uploaded {
		http.NotFound(w, r)
		return
	}
	handOut(w, f)
}

// handOut writes what was uploaded, as a download and never as a page of this
// address.
func handOut(w http.ResponseWriter, f *file) {
	kind := f.mimetype
	if !strings.HasPrefix(kind, "image/") || strings.Contains(kind, "svg") {
		w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.name}))
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(f.content)
}
