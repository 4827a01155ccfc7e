package importer

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"salesbot/insights"
)

// file is one thing that can be read: a file, or one that lies in a zip archive.
// It is opened anew for each reading, and nothing of it is ever unpacked.
type file struct {
	name  string // as people see it: deals.csv, or export.zip/deals.csv
	size  int64  // in bytes, once it is expanded
	named bool   // somebody gave its very path, so it must be understood
	place string // tells it from all other files
	long  string // what people see if another file has the same name
	open  func() (io.ReadCloser, error)
}

// base is the name by which a mapping knows the file.
func (f *file) base() string { return path.Base(f.name) }

// leftOut is a file that nobody named and that cannot be read.
type leftOut struct{ name, why string }

func (l leftOut) String() string { return l.name + " (" + l.why + ")" }

// filesIn lists what can be read of files, folders and zip archives, in the
// order given and then by name, each once. Folders within folders are followed;
// hidden files are not looked at.
func filesIn(paths []string) (files []*file, left []leftOut, err error) {
	w := &walk{seen: map[string]bool{}}
	var faults []error
	for _, path := range paths {
		if err := w.root(path); err != nil {
			faults = append(faults, err)
		}
	}
	if len(faults) > 0 {
		return nil, nil, joined(faults)
	}
	nameApart(w.files)
	for _, f := range w.files {
		f.name = strings.ReplaceAll(printable(f.name), "\n", " ")
	}
	return w.files, w.left, nil
}

// walk collects files.
type walk struct {
	files []*file
	left  []leftOut
	seen  map[string]bool
	above []fs.FileInfo // the folders that lead to where it is
}

func (w *walk) root(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return unreadable(path, err)
	}
	if info.IsDir() {
		return w.folder(path, info)
	}
	return w.file(path, info, true)
}

func (w *walk) folder(path string, info fs.FileInfo) error {
	for _, above := range w.above {
		if os.SameFile(above, info) {
			return &insights.Error{
				Code:    "endless_folder",
				Message: fmt.Sprintf("%s leads back to a folder that it lies in. Nothing was loaded.", path),
				Hint:    "Remove that link, or name the folders and files to be read.",
			}
		}
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return unreadable(path, err)
	}
	w.above = append(w.above, info)
	defer func() { w.above = w.above[:len(w.above)-1] }()
	for _, entry := range entries {
		if hidden(entry.Name()) {
			continue
		}
		if err := w.entry(filepath.Join(path, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}

// entry takes what lies in a folder, through a link if it is one.
func (w *walk) entry(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return unreadable(path, err)
	case info.IsDir():
		return w.folder(path, info)
	default:
		return w.file(path, info, false)
	}
}

// hidden reports whether a file or folder is one that people do not see: those
// of the system, and what a Mac adds to archives.
func hidden(name string) bool { return strings.HasPrefix(name, ".") || name == "__MACOSX" }

// file takes a file: itself or, of an archive, what is in it.
func (w *walk) file(path string, info fs.FileInfo, named bool) error {
	place, err := placeOf(path)
	if err != nil {
		return unreadable(path, err)
	}
	if w.seen[place] {
		return nil
	}
	w.seen[place] = true
	if !info.Mode().IsRegular() {
		if named {
			return &insights.Error{
				Code:    "not_a_file",
				Message: path + " is not a file but a pipe or a device, and files are read more than once. Nothing was loaded.",
				Hint:    "Write what comes out of it into a file, and load that.",
			}
		}
		w.left = append(w.left, leftOut{filepath.Base(path), "not a file"})
		return nil
	}
	head, err := beginning(path)
	if err != nil {
		return unreadable(path, err)
	}
	if isZip(head) {
		return w.archive(path, place, named)
	}
	w.files = append(w.files, &file{
		name: filepath.Base(path), long: filepath.ToSlash(path), place: place, size: info.Size(), named: named,
		open: func() (io.ReadCloser, error) { return opened(path) },
	})
	return nil
}

// placeOf is the same for all paths that lead to a file.
func placeOf(path string) (string, error) {
	full, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(full)
}

// beginning returns the first bytes of a file, enough to tell an archive.
func beginning(path string) ([]byte, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	head := make([]byte, len(zipEntry))
	n, err := io.ReadFull(in, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	return head[:n], nil
}

func opened(path string) (io.ReadCloser, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	return in, nil
}

// nameApart calls files by their paths where two have the same name.
func nameApart(files []*file) {
	times := map[string]int{}
	for _, f := range files {
		times[f.name]++
	}
	for _, f := range files {
		if times[f.name] > 1 {
			f.name = f.long
		}
	}
}

// unreadable says that a file cannot be read, unless err says so better.
func unreadable(path string, err error) error {
	var known *insights.Error
	if errors.As(err, &known) {
		return err
	}
	return &insights.Error{
		Code:    "unreadable_file",
		Message: fmt.Sprintf("%s cannot be read: %s. Nothing was loaded.", path, plainCause(err)),
		Hint:    "Check the path, and that you may read the file.",
		Err:     err,
	}
}

// plainCause says what went wrong without the name of the system call.
func plainCause(err error) string {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		err = pathErr.Err
	}
	return err.Error()
}

// joined makes one error of several, so that all can be mended in one go.
func joined(faults []error) error {
	if len(faults) == 1 {
		return faults[0]
	}
	all := &insights.Error{Code: "bad_files", Err: errors.Join(faults...)}
	words := make([]string, len(faults))
	for i, f := range faults {
		words[i] = f.Error()
	}
	all.Message = strings.Join(words, "\n\n")
	return all
}
