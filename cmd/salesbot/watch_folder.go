package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"salesbot/insights"
)

// watched is a folder into which exports arrive. A file in it is still while
// its size and the time of its last change stay the same for the settle time.
// When all files that lie directly in the folder are still, they are taken
// together, as one import; a folder in it is one import of its own, once all in
// it is still. Files of other kinds and those whose names say that they are not
// finished are left alone.
//
// What is taken gets a dated name that is used for nothing else, and a list in
// the folder `.salesbot` that says what belongs to it. From then on each step
// can be repeated: the list is written, the files are moved beside it, they are
// imported, the report is written, they are moved to where they end, and the
// list goes. A process that dies in between leaves a list, and the next one
// goes on from where the files are.
type watched struct {
	dir    string
	every  time.Duration // between two looks
	settle time.Duration // how long a file must be still
	// load imports files and returns the report; what is rejected goes into a
	// file. The key is that of this import alone: what was imported under it is
	// not imported again.
	load func(ctx context.Context, key string, paths []string, rejects string) (report string, err error)
	now  func() time.Time
	// told hears what became of each import, and trouble what stands in the way
	// of all.
	told    func(outcome)
	trouble func(error)
	// reached is called before each step, so that tests can stop there.
	reached func(step)

	lock *os.File            // held while this process looks after the folder
	seen map[string]sighting // by name in the folder
}

// outcome is what became of one import.
type outcome struct {
	Name   string // what it is called in done/ or failed/
	Report string // path
	Err    error  // why it failed
}

// sighting is how an arrival looked, and since when it looks so.
type sighting struct {
	look  string
	since time.Time
}

// The folders within a watched folder.
const (
	doneFolder   = "done"
	failedFolder = "failed"
	takenFolder  = ".salesbot"
	lockFile     = "lock"
)

// The ends of names that belong to an import.
const (
	listEnd    = ".list"
	reportEnd  = ".report.txt"
	rejectsEnd = ".rejects.csv"
)

// listed stands between the names in a list; it is in no name.
const listed = "\x00"

// mappingFile is what a mapping is called that lies in a watched folder.
const mappingFile = "mapping.yaml"

// The steps of an import from a watched folder.
const (
	stepListed   step = "listed"   // the list is written, nothing is moved
	stepTaken    step = "taken"    // all is moved, nothing is imported
	stepImported step = "imported" // it is imported, there is no report
	stepReported step = "reported" // there is a report, the files have not moved
	stepMoved    step = "moved"    // the files are where they end, the list is still there
)

// step is a place in the course of things at which tests stop a process.
type step string

// errAttended says that another process looks after the folder.
var errAttended = errors.New("another salesbot watches this folder; this one takes over when that ends")

// enter makes the folders within, and takes the lock that one process holds
// for as long as it lives.
func (w *watched) enter() (*os.File, error) {
	for _, folder := range []string{doneFolder, failedFolder, takenFolder} {
		if err := os.MkdirAll(filepath.Join(w.dir, folder), 0o750); err != nil {
			return nil, unwatchable(w.dir, err)
		}
	}
	lock, err := os.OpenFile(w.taken(lockFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, unwatchable(w.dir, err)
	}
	err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	switch {
	case errors.Is(err, syscall.EWOULDBLOCK), errors.Is(err, syscall.EINTR):
		return nil, errors.Join(errAttended, lock.Close())
	case err != nil:
		return nil, errors.Join(unwatchable(w.dir, err), lock.Close())
	}
	return lock, nil
}

func unwatchable(dir string, err error) error {
	return &insights.Error{
		Code:    "unwatchable",
		Message: fmt.Sprintf("The folder %s cannot be watched: %v.", dir, err),
		Hint:    "It must exist, and this user must be allowed to read, create and move files in it.",
		Err:     err,
	}
}

// look takes what has arrived and imports it, after what an earlier process
// left behind. An error means that something stood in the way that may pass;
// the next look tries again.
func (w *watched) look(ctx context.Context) error {
	left, err := w.lists()
	if err != nil {
		return err
	}
	for _, name := range left {
		if err := w.resume(ctx, name); err != nil {
			return err
		}
	}
	arrived, err := w.arrived()
	if err != nil {
		return err
	}
	for _, things := range arrived {
		name, err := w.list(things)
		if err != nil {
			return err
		}
		if err := w.resume(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// lists are the names of the imports that are not finished.
func (w *watched) lists() ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(w.dir, takenFolder))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		if name, is := strings.CutSuffix(entry.Name(), listEnd); is && !entry.IsDir() {
			names = append(names, name)
		}
	}
	return names, nil
}

// arrived finds what is still: the things of each import.
func (w *watched) arrived() ([][]string, error) {
	entries, err := os.ReadDir(w.dir)
	if err != nil {
		return nil, unwatchable(w.dir, err)
	}
	now, seen := w.now(), map[string]sighting{}
	var together []string
	var imports [][]string
	waiting := false
	for _, entry := range entries {
		name := entry.Name()
		if !expected(entry) {
			continue
		}
		look, finished, err := appearance(filepath.Join(w.dir, name))
		if err != nil {
			return nil, err
		}
		if look == "" {
			continue
		}
		seen[name] = w.sight(name, look, now)
		still := finished && now.Sub(seen[name].since) >= w.settle
		switch {
		case still && entry.IsDir():
			imports = append(imports, []string{name})
		case still:
			together = append(together, name)
		case !entry.IsDir():
			waiting = true
		}
	}
	w.seen = seen
	if len(together) > 0 && !waiting {
		imports = append(imports, together)
	}
	return imports, nil
}

func (w *watched) sight(name, look string, now time.Time) sighting {
	if before, known := w.seen[name]; known && before.look == look {
		return before
	}
	return sighting{look: look, since: now}
}

// taken kinds of files; a workbook is taken too, so that its report can say
// what to do.
var takenKinds = []string{".csv", ".tsv", ".zip", ".xlsx", ".xls"}

// unfinishedEnds are what programs append to the names of files that they are
// still writing.
var unfinishedEnds = []string{".part", ".tmp", ".crdownload", ".filepart", ".partial"}

func expected(entry fs.DirEntry) bool {
	name := entry.Name()
	switch {
	case strings.HasPrefix(name, "."), name == doneFolder, name == failedFolder, unfinished(name):
		return false
	case entry.IsDir():
		return true
	}
	return slices.Contains(takenKinds, strings.ToLower(filepath.Ext(name)))
}

func unfinished(name string) bool {
	return slices.Contains(unfinishedEnds, strings.ToLower(filepath.Ext(name)))
}

// appearance is the sizes and times of all files below a path, empty if there
// are none. It is not finished while the name of one of them says so. What goes
// away meanwhile was not there.
func appearance(path string) (look string, finished bool, err error) {
	var b strings.Builder
	finished = true
	err = filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		finished = finished && !unfinished(file)
		fmt.Fprintf(&b, "%s\x00%d\x00%d\n", file, info.Size(), info.ModTime().UnixNano())
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return "", false, nil
	}
	return b.String(), finished, err
}

// list begins an import: from here on it has a name and a key, and what belongs
// to it is on record.
func (w *watched) list(things []string) (name string, err error) {
	name = w.freeName(things)
	if err := writeWhole(w.taken(name+listEnd), strings.Join(append([]string{newID()}, things...), listed)); err != nil {
		return "", err
	}
	for _, thing := range things {
		delete(w.seen, thing)
	}
	w.at(stepListed)
	return name, nil
}

// freeName is dated, and used neither for another import nor for its report.
func (w *watched) freeName(things []string) string {
	what := things[0]
	if len(things) > 1 {
		what = fmt.Sprintf("%d-files", len(things))
	}
	stamp := w.now().Format("20060102-150405")
	for n := 1; ; n++ {
		name := stamp + "-" + what
		if n > 1 {
			name = fmt.Sprintf("%s-%d-%s", stamp, n, what)
		}
		if !slices.ContainsFunc(w.places(name), exists) {
			return name
		}
	}
}

// places are all paths that an import of that name may use.
func (w *watched) places(name string) []string {
	places := []string{w.taken(name), w.taken(name + listEnd)}
	for _, folder := range []string{doneFolder, failedFolder} {
		for _, end := range []string{"", reportEnd, rejectsEnd} {
			places = append(places, filepath.Join(w.dir, folder, name+end))
		}
	}
	return places
}

// resume brings an import to its end, from wherever it stands.
func (w *watched) resume(ctx context.Context, name string) error {
	for _, folder := range []string{doneFolder, failedFolder} {
		if exists(filepath.Join(w.dir, folder, name)) {
			return w.forget(name)
		}
	}
	key, paths, err := w.take(name)
	if err != nil {
		return err
	}
	if len(paths) == 0 {
		return w.forget(name) // whoever brought the files has taken them away again
	}
	w.at(stepTaken)
	for _, folder := range []string{doneFolder, failedFolder} {
		if exists(filepath.Join(w.dir, folder, name+reportEnd)) {
			return w.put(name, folder, paths)
		}
	}
	return w.run(ctx, name, key, paths)
}

// take moves what the list names beside the list, as far as it is not there
// yet. The files keep their names, by which layouts know them.
func (w *watched) take(name string) (key string, paths []string, err error) {
	list, err := os.ReadFile(w.taken(name + listEnd))
	if err != nil {
		return "", nil, err
	}
	if err := os.MkdirAll(w.taken(name), 0o750); err != nil {
		return "", nil, err
	}
	key, things, _ := strings.Cut(string(list), listed)
	for thing := range strings.SplitSeq(things, listed) {
		to := filepath.Join(w.taken(name), thing)
		if !exists(to) {
			err := os.Rename(filepath.Join(w.dir, thing), to)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return "", nil, err
			}
		}
		paths = append(paths, to)
	}
	return key, paths, nil
}

// run imports the files, writes the report and moves everything to where it
// ends. When the database is away or the process is to end, the import stays
// as it is.
func (w *watched) run(ctx context.Context, name, key string, paths []string) error {
	rejects := w.taken(name + rejectsEnd)
	report, err := w.load(ctx, key, paths, rejects)
	if passing(ctx, err) {
		return err
	}
	w.at(stepImported)
	folder := doneFolder
	if err != nil {
		folder, report = failedFolder, strings.TrimSpace(err.Error()+"\n\n"+report)+"\n"
	}
	place := filepath.Join(w.dir, folder, name)
	if exists(rejects) {
		if err := os.Rename(rejects, place+rejectsEnd); err != nil {
			return err
		}
	}
	if err := writeWhole(place+reportEnd, report); err != nil {
		return err
	}
	w.at(stepReported)
	w.told(outcome{Name: name, Report: place + reportEnd, Err: err})
	return w.put(name, folder, paths)
}

// passing reports whether an import failed for a reason that says nothing of
// the files.
func passing(ctx context.Context, err error) bool {
	var fault *insights.Error
	return err != nil && (ctx.Err() != nil || errors.As(err, &fault) && fault.Code == "database_unreachable")
}

// put moves the files to where they end and forgets the import. One file, or
// one folder, gets the import's name; several get a folder of that name.
func (w *watched) put(name, folder string, paths []string) error {
	from := w.taken(name)
	if len(paths) == 1 {
		from = paths[0]
	}
	if err := os.Rename(from, filepath.Join(w.dir, folder, name)); err != nil {
		return err
	}
	w.at(stepMoved)
	return w.forget(name)
}

// forget takes away what only an unfinished import has.
func (w *watched) forget(name string) error {
	for _, path := range []string{w.taken(name), w.taken(name + rejectsEnd), w.taken(name + listEnd)} {
		if err := removed(path); err != nil {
			return err
		}
	}
	return nil
}

// removed takes away what may not be there.
func removed(path string) error {
	err := os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (w *watched) taken(name string) string { return filepath.Join(w.dir, takenFolder, name) }

func (w *watched) at(here step) {
	if w.reached != nil {
		w.reached(here)
	}
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// writeWhole writes a file that is there whole or not at all, whenever the
// process dies.
func writeWhole(path, content string) error {
	unfinished := path + ".tmp"
	f, err := os.OpenFile(unfinished, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o640)
	if err != nil {
		return err
	}
	_, err = f.WriteString(content)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(unfinished, path)
}
