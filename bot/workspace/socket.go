package workspace

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const (
	ticketLife   = 30 * time.Second
	writeTimeout = 5 * time.Second
	pongWait     = time.Minute
	outbox       = 256
)

// connection is one socket of the bot. Frames go through a channel to one
// goroutine, because a WebSocket has one writer.
type connection struct {
	number  int
	socket  *websocket.Conn
	frames  chan []byte
	gone    chan struct{} // closed when the connection is to end
	end     sync.Once
	leaving bool // a disconnect frame was sent: no new envelopes
	silent  bool // half open: nothing is sent any more
}

// cut ends the connection without a closing handshake.
func (c *connection) cut() {
	c.end.Do(func() {
		close(c.gone)
		_ = c.socket.NetConn().Close()
	})
}

// send queues a frame. A client that does not read is cut, as Slack would.
func (c *connection) send(frame object) {
	if c.silent {
		return
	}
	encoded, err := json.Marshal(frame)
	if err != nil {
		c.cut()
		return
	}
	select {
	case c.frames <- encoded:
	default:
		c.cut()
	}
}

func (s *Server) connectionsOpen(args) (object, error) {
	now := s.cfg.Now()
	for ticket, made := range s.tickets {
		if now.Sub(made) > ticketLife {
			delete(s.tickets, ticket)
		}
	}
	ticket := secret()
	s.tickets[ticket] = now
	// http becomes ws, and https wss.
	return object{"url": "ws" + s.base[len("http"):] + "/link/?ticket=" + ticket + "&app_id=" + s.cfg.Bot.AppID}, nil
}

var upgrader = websocket.Upgrader{
	WriteBufferSize: 32 * 1024,
	// Slack's clients say they come from api.slack.com.
	CheckOrigin: func(*http.Request) bool { return true },
}

func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	if !s.redeem(r.URL.Query().Get("ticket")) {
		http.Error(w, "unknown ticket", http.StatusForbidden)
		return
	}
	socket, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // the upgrader has answered
	}
	c := &connection{socket: socket, frames: make(chan []byte, outbox), gone: make(chan struct{})}
	if !s.join(c) {
		c.cut()
		return
	}
	s.read(c)
	s.part(c)
}

// redeem takes a ticket, which works once.
func (s *Server) redeem(ticket string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, known := s.tickets[ticket]
	delete(s.tickets, ticket)
	return known
}

// join makes the connection one of those that get envelopes; false when the
// workspace has closed.
func (s *Server) join(c *connection) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isClosed() {
		return false
	}
	s.serial++
	c.number = s.serial
	s.running.Add(2) // the reader, which is the caller, and the writer
	go s.write(c)
	if len(s.conns) >= maxConnections {
		c.leaving = true
		s.disconnect(c, "too_many_websockets")
		return true
	}
	s.conns = append(s.conns, c)
	c.send(object{
		"type": "hello", "num_connections": len(s.conns),
		"connection_info": object{"app_id": s.cfg.Bot.AppID},
		"debug_info": object{
			"host": "workspace", "started": s.cfg.Now().UTC().Format(time.DateTime),
			"build_number": 1, "approximate_connection_time": 18060,
		},
	})
	s.record(object{"kind": "socket", "event": "open", "connection": c.number})
	s.cfg.Logger.Info("a bot connected", slog.Int("connection", c.number), slog.Int("open", len(s.conns)))
	s.touch()
	return true
}

func (s *Server) part(c *connection) {
	defer s.running.Done()
	c.cut()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns = slices.DeleteFunc(s.conns, func(other *connection) bool { return other == c })
	s.record(object{"kind": "socket", "event": "close", "connection": c.number})
	s.cfg.Logger.Info("a bot's connection ended", slog.Int("connection", c.number), slog.Int("open", len(s.conns)))
	s.touch()
}

func (s *Server) write(c *connection) {
	defer s.running.Done()
	pings := time.NewTicker(s.cfg.PingEvery)
	defer pings.Stop()
	for {
		select {
		case <-c.gone:
			return
		case frame := <-c.frames:
			_ = c.socket.SetWriteDeadline(time.Now().Add(writeTimeout))
			if c.socket.WriteMessage(websocket.TextMessage, frame) != nil {
				c.cut()
				return
			}
		case <-pings.C:
			s.ping(c)
		}
	}
}

func (s *Server) ping(c *connection) {
	s.mu.Lock()
	silent := c.silent
	s.mu.Unlock()
	if !silent {
		_ = c.socket.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeTimeout))
	}
}

// read takes acks until the connection ends.
func (s *Server) read(c *connection) {
	c.socket.SetReadLimit(maxBody)
	wait := max(pongWait, 3*s.cfg.PingEvery)
	_ = c.socket.SetReadDeadline(time.Now().Add(wait))
	c.socket.SetPongHandler(func(string) error { return c.socket.SetReadDeadline(time.Now().Add(wait)) })
	for {
		_, frame, err := c.socket.ReadMessage()
		if err != nil {
			return
		}
		_ = c.socket.SetReadDeadline(time.Now().Add(wait))
		s.takeAck(c, frame)
	}
}

// disconnect tells the client to go, and cuts it when it stays.
func (s *Server) disconnect(c *connection, reason string) {
	c.send(object{
		"type": "disconnect", "reason": reason,
		"debug_info":      object{"host": "workspace"},
		"connection_info": object{"app_id": s.cfg.Bot.AppID}, "num_connections": len(s.conns),
	})
	c.leaving = true
	s.record(object{"kind": "socket", "event": "disconnect", "reason": reason, "connection": c.number})
	time.AfterFunc(s.cfg.CloseAfter, c.cut)
}

// pick chooses the connection for the next envelope. Slack promises no
// pattern; taking turns shows soonest that a client counts on one.
func (s *Server) pick() *connection {
	var open []*connection
	for _, c := range s.conns {
		if !c.leaving {
			open = append(open, c)
		}
	}
	if len(open) == 0 {
		return nil
	}
	s.turn++
	return open[s.turn%len(open)]
}
