package bot

import (
	"sync"
	"time"
)

// queue does one thing at a time for each key, in order, and a limited number
// of things in all.
type queue struct {
	slots chan struct{}

	mu      sync.Mutex
	waiting map[string][]func() // the first is under way
	empty   chan struct{}       // closed when nothing is under way; nil: nobody waits for it
}

func newQueue(width int) *queue {
	return &queue{slots: make(chan struct{}, width), waiting: map[string][]func(){}}
}

// add puts the job in the line of its key.
func (q *queue) add(key string, job func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting[key] = append(q.waiting[key], job)
	if len(q.waiting[key]) == 1 {
		go q.serve(key)
	}
}

// serve works through the line of a key until nobody waits.
func (q *queue) serve(key string) {
	for job := q.first(key); job != nil; job = q.following(key) {
		q.slots <- struct{}{}
		job()
		<-q.slots
	}
}

func (q *queue) first(key string) func() {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.waiting[key][0]
}

// following takes the finished job out of the line and returns the next.
func (q *queue) following(key string) func() {
	q.mu.Lock()
	defer q.mu.Unlock()
	line := q.waiting[key][1:]
	if len(line) > 0 {
		q.waiting[key] = line
		return line[0]
	}
	delete(q.waiting, key)
	if len(q.waiting) == 0 && q.empty != nil {
		close(q.empty)
		q.empty = nil
	}
	return nil
}

// finish waits for what is under way, and reports whether it all ended in
// time. It is called once.
func (q *queue) finish(within time.Duration) bool {
	q.mu.Lock()
	if len(q.waiting) == 0 {
		q.mu.Unlock()
		return true
	}
	empty := make(chan struct{})
	q.empty = empty
	q.mu.Unlock()
	return ended(empty, within)
}

// ended waits for the channel to close, and reports whether it did in time.
func ended(done <-chan struct{}, within time.Duration) bool {
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}
