package workspace

import (
	"context"
	"crypto/rand"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

//go:embed page/*
var pageFiles embed.FS

// Server is a running workspace. It is an http.Handler; serve it at the root of
// an address. Its methods may be called from several goroutines.
type Server struct {
	cfg Config
	mux *http.ServeMux

	mu      sync.Mutex    // guards everything below
	changed chan struct{} // closed and replaced whenever something happens
	version int           // counts what anybody can see
	lastTS  int64         // microseconds of the newest timestamp
	serial  int           // for ids
	base    string        // the address the bot reached us under

	users    []*user
	channels []*channel
	stacks   map[string][]*view // a person's open modals, the top one last
	homes    map[string]*view
	files    map[string]*file
	triggers map[string]*trigger
	hooks    map[string]*hook
	offers   map[string][]any // what the bot last offered in each external select
	faults   []*fault
	log      journal

	tickets map[string]time.Time
	conns   []*connection
	turn    int // round robin over conns
	pending map[string]*envelope

	closed  chan struct{}
	running sync.WaitGroup // the sockets' goroutines
}

// New makes a workspace. Close it to close the sockets of the bots that are
// connected.
func New(cfg Config) *Server {
	s := &Server{
		cfg:     cfg.withDefaults(),
		changed: make(chan struct{}),
		tickets: map[string]time.Time{},
		closed:  make(chan struct{}),
	}
	s.clear()
	s.addUser(User{ID: s.cfg.Bot.UserID, Name: s.cfg.Bot.Name, RealName: s.cfg.Bot.Name, Bot: true})
	for _, u := range s.cfg.Users {
		s.addUser(u)
	}
	for _, c := range s.cfg.Channels {
		s.addChannel(c)
	}
	s.routes()
	return s
}

// clear empties everything that people and the bot have made.
func (s *Server) clear() {
	s.stacks = map[string][]*view{}
	s.homes = map[string]*view{}
	s.files = map[string]*file{}
	s.triggers = map[string]*trigger{}
	s.hooks = map[string]*hook{}
	s.offers = map[string][]any{}
	s.faults = nil
	s.pending = map[string]*envelope{}
	s.log.entries = nil
	for _, c := range s.channels {
		c.messages = nil
	}
}

func (s *Server) routes() {
	page, err := fs.Sub(pageFiles, "page")
	if err != nil {
		panic(err) // the folder is compiled in
	}
	s.mux = http.NewServeMux()
	s.mux.HandleFunc("/api/{method}", s.serveAPI)
	s.mux.HandleFunc("GET /link/{$}", s.serveSocket)
	s.mux.HandleFunc("POST /response/{id}", s.serveResponse)
	s.mux.HandleFunc("POST /upload/{id}", s.serveUpload)
	s.mux.HandleFunc("GET /files/{id}/{name}", s.serveFile)
	s.mux.HandleFunc("GET /files-pri/{id}/{name}", s.servePrivate)
	s.mux.HandleFunc("GET /files-pri/{id}/download/{name}", s.servePrivate)
	// A page of another site must not act in the workspace through a browser.
	sim := http.NewCrossOriginProtection().Handler(http.HandlerFunc(s.serveSim))
	s.mux.Handle("/sim/{act}", sim)
	s.mux.Handle("/", noStore(http.FileServerFS(page)))
}

func noStore(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// ServeHTTP answers the bot, people and their browser.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mux.ServeHTTP(w, r)
}

// Close closes every socket, ends every wait and returns when the sockets'
// goroutines have ended. The workspace cannot be used afterwards.
func (s *Server) Close() {
	s.mu.Lock()
	if s.isClosed() {
		s.mu.Unlock()
		return
	}
	close(s.closed)
	for _, c := range s.conns {
		c.cut()
	}
	for _, e := range s.pending {
		e.stopTimer()
	}
	s.mu.Unlock()
	s.running.Wait()
}

func (s *Server) isClosed() bool {
	select {
	case <-s.closed:
		return true
	default:
		return false
	}
}

// touch says that people may see something new.
func (s *Server) touch() {
	s.version++
	s.wake()
}

func (s *Server) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// await is called with the lock held. It returns, with the lock held, when
// done says so, the time is over, the caller went away or the server closed.
func (s *Server) await(ctx context.Context, atMost time.Duration, done func() bool) {
	timer := time.NewTimer(atMost)
	defer timer.Stop()
	for !done() {
		changed := s.changed
		s.mu.Unlock()
		over := false
		select {
		case <-changed:
		case <-timer.C:
			over = true
		case <-ctx.Done():
			over = true
		case <-s.closed:
			over = true
		}
		s.mu.Lock()
		if over {
			return
		}
	}
}

// nextTS makes a timestamp that is unique and later than all before it, also
// when the clock stands still or is set back.
func (s *Server) nextTS() string {
	micro := s.cfg.Now().UnixMicro() / 100 * 100
	if micro <= s.lastTS {
		micro = s.lastTS + 100
	}
	s.lastTS = micro
	return fmt.Sprintf("%d.%06d", micro/1e6, micro%1e6)
}

func (s *Server) nextID(prefix string) string {
	s.serial++
	return fmt.Sprintf("%s%07X", prefix, s.serial)
}

// secret is for addresses and triggers nobody should guess.
func secret() string {
	var b [12]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return hex.EncodeToString(b[:])
}

// uuid is a random (version 4) UUID, the form of envelope ids.
func uuid() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// learnAddress remembers where the bot reached us: the URLs we hand out must
// work from there.
func (s *Server) learnAddress(r *http.Request) {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	s.base = scheme + "://" + r.Host
}

func (s *Server) hasScope(anyOf ...string) bool {
	return slices.ContainsFunc(anyOf, func(scope string) bool { return slices.Contains(s.cfg.Scopes, scope) })
}

func (s *Server) domain() string {
	return strings.Trim(strings.Map(func(r rune) rune {
		if (r >= 'a' && r <= 'z') || (r >= '0' && r <= '9') {
			return r
		}
		return '-'
	}, strings.ToLower(s.cfg.Team)), "-")
}
