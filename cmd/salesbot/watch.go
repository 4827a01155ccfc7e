package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"salesbot/handlers"
	"salesbot/insights"
)

// How often a watched folder is looked at, and how long a file in it must be
// still. Network folders (NFS, Samba) tell nobody of changes, so it is looked
// at again and again.
const (
	watchEvery  = 2 * time.Second
	watchSettle = 10 * time.Second
)

// importArriving is `import --watch`: it ends when the process is told to.
func (p program) importArriving(ctx context.Context, opt importOptions, args []string) error {
	if len(args) > 0 || opt.dryRun {
		return usageError{errors.New("--watch DIR imports what arrives in the folder: it takes no paths, and there is nothing to try with --dry-run")}
	}
	s, err := readSettings(append(p.Environ, "SALESBOT_WATCH="+opt.watch))
	if err != nil {
		return err
	}
	db, err := p.openDatabase(ctx, s)
	if err != nil {
		return err
	}
	defer db.Close()
	w := p.watched(s, db, opt)
	w.told = func(o outcome) {
		word := "imported"
		if o.Err != nil {
			word = "could not be imported"
		}
		_, _ = fmt.Fprintf(p.Out, "%s: %s, see %s\n", o.Name, word, o.Report)
	}
	w.trouble = func(err error) { p.say(err.Error()) }
	p.say(fmt.Sprintf("Watching %s. End with Ctrl-C.", s.Watch))
	watch(ctx, w)
	return nil
}

// watchBeside watches the folder while the bot serves.
func (p program) watchBeside(ctx context.Context, s settings, db *database, log *slog.Logger) {
	w := p.watched(s, db, importOptions{})
	w.told = func(o outcome) {
		if o.Err != nil {
			log.Error("files from the watched folder could not be imported", slog.String("name", o.Name), slog.String("report", o.Report))
			return
		}
		log.Info("imported from the watched folder", slog.String("name", o.Name), slog.String("report", o.Report))
	}
	w.trouble = func(err error) {
		if errors.Is(err, errAttended) {
			log.Info("another process looks after the watched folder; this one takes over when that ends")
			return
		}
		log.Error("the watched folder cannot be looked after; it is tried again", slog.Any("error", err))
	}
	watch(ctx, w)
}

// watched is the folder with all that its imports need. Without a mapping, the
// one that lies in the folder is taken, as it is at each import.
func (p program) watched(s settings, db *database, opt importOptions) *watched {
	opt.actor = "folder " + filepath.Base(s.Watch)
	w := &watched{dir: s.Watch, every: watchEvery, settle: watchSettle, now: p.Now}
	w.load = func(ctx context.Context, key string, paths []string, rejects string) (string, error) {
		opt := opt
		opt.key, opt.rejects = key, rejects
		if own := filepath.Join(s.Watch, mappingFile); opt.mapping == "" && exists(own) {
			opt.mapping = own
		}
		done, report, err := p.loadQuietly(ctx, s, db, opt, paths)
		if done.Total.Rejected == 0 {
			err = errors.Join(err, removed(rejects))
		}
		return report, err
	}
	if p.tuneWatch != nil {
		p.tuneWatch(w)
	}
	return w
}

// loadQuietly imports files and returns what would have been printed, or that
// of the import there was under the key already.
func (p program) loadQuietly(ctx context.Context, s settings, db *database, opt importOptions, paths []string) (insights.Import, string, error) {
	before, found, err := db.ImportUnder(ctx, opt.key)
	if err != nil || found {
		return before, keptReport(before), err
	}
	var out bytes.Buffer
	p.Out, p.Err = &out, io.Discard
	done, err := p.loaded(ctx, s, db, opt, paths)
	return done, out.String(), notLoaded(ctx, err)
}

// lastFailure is the newest report in failed/, whoever wrote it: with several
// processes one looks after the folder, and all are asked. Names are dated, so
// the last in order is the newest.
func lastFailure(dir string) (handlers.WatchFailure, bool) {
	reports, err := fs.Glob(os.DirFS(filepath.Join(dir, failedFolder)), "*"+reportEnd)
	if err != nil || len(reports) == 0 {
		return handlers.WatchFailure{}, false
	}
	newest := filepath.Join(dir, failedFolder, slices.Max(reports))
	info, err1 := os.Stat(newest)
	report, err2 := os.ReadFile(newest)
	if err1 != nil || err2 != nil {
		return handlers.WatchFailure{}, false // somebody has taken it away
	}
	lines := strings.Split(strings.TrimSpace(string(report)), "\n")
	return handlers.WatchFailure{
		Name: strings.TrimSuffix(filepath.Base(newest), reportEnd), At: info.ModTime(), Reason: lines[0],
	}, true
}

// watch looks after the folder until the context ends. While another process
// does, it waits to take over.
func watch(ctx context.Context, w *watched) {
	ticker := time.NewTicker(w.every)
	defer ticker.Stop()
	w.attend(ctx, ticker.C)
}

// attend looks once, and again at each tick. What stands in the way is told
// when it comes, and not again until it has gone.
func (w *watched) attend(ctx context.Context, ticks <-chan time.Time) {
	defer w.leave()
	told := ""
	for {
		err := w.visit(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			told = ""
		case err.Error() != told:
			told = err.Error()
			w.trouble(err)
		}
		select {
		case <-ticks:
		case <-ctx.Done():
			return
		}
	}
}

// visit looks, if the folder is ours to look after.
func (w *watched) visit(ctx context.Context) error {
	if w.lock == nil {
		lock, err := w.enter()
		if err != nil {
			return err
		}
		w.lock = lock
	}
	return w.look(ctx)
}

// leave lets another process look after the folder.
func (w *watched) leave() {
	if w.lock != nil {
		_ = w.lock.Close() // the kernel takes the lock away in any case
		w.lock = nil
	}
}
