package importer

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"salesbot/insights"
)

// What a zip archive begins with: an entry or, of an empty one, its end.
var (
	zipEntry = []byte("PK\x03\x04")
	zipEmpty = []byte("PK\x05\x06")
)

func isZip(head []byte) bool {
	return bytes.HasPrefix(head, zipEntry) || bytes.HasPrefix(head, zipEmpty)
}

// An archive may always expand to freeExpansion bytes, and beyond that to
// maxExpansion times its own size. Tables shrink to a tenth or a fiftieth; what
// grows more was made to keep a reader busy for ever.
const (
	freeExpansion = 4 << 30
	maxExpansion  = 200
)

// archive takes the files in a zip archive.
func (w *walk) archive(path, place string, named bool) error {
	in, err := zip.OpenReader(path)
	if err != nil {
		return brokenArchive(path, err)
	}
	defer in.Close()
	if slices.ContainsFunc(in.File, func(f *zip.File) bool { return f.Name == "[Content_Types].xml" || f.Name == "mimetype" }) {
		return w.workbook(path, named)
	}
	if err := checkExpansion(path, in.File); err != nil {
		return err
	}
	for i, entry := range in.File {
		name := entryName(entry)
		if entry.FileInfo().IsDir() || slices.ContainsFunc(strings.Split(name, "/"), hidden) {
			continue
		}
		if document(name) {
			w.left = append(w.left, leftOut{filepath.Base(path) + "/" + name, saveSheets})
			continue
		}
		if err := checkEntry(path, entry); err != nil {
			return err
		}
		w.files = append(w.files, &file{
			name: filepath.Base(path) + "/" + name, long: filepath.ToSlash(path) + "/" + name,
			place: place + "/" + name, size: int64(min(entry.UncompressedSize64, 1<<62)),
			open: func() (io.ReadCloser, error) { return openEntry(path, i, entry.Name) },
		})
	}
	return nil
}

// entryName is the name of an entry in one spelling, since archives are made on
// all systems.
func entryName(entry *zip.File) string {
	return strings.TrimPrefix(path.Clean(strings.ReplaceAll(strings.ToValidUTF8(entry.Name, "\uFFFD"), `\`, "/")), "/")
}

// document reports whether a file within an archive is, by its name, one that
// an office program made: an archive too, and not a table in text.
func document(name string) bool {
	return slices.Contains([]string{".xlsx", ".xlsm", ".xlsb", ".ods", ".numbers", ".docx", ".pptx"}, strings.ToLower(path.Ext(name)))
}

const saveSheets = "an Excel workbook or another document; save its sheets as CSV"

// workbook leaves a spreadsheet out, which is an archive too.
func (w *walk) workbook(path string, named bool) error {
	if !named {
		w.left = append(w.left, leftOut{filepath.Base(path), saveSheets})
		return nil
	}
	return &insights.Error{
		Code:    "workbook",
		Message: path + " is an Excel workbook or another document, not a table in text. Nothing was loaded.",
		Hint:    "Save each sheet as a file of its own; in Excel: Save as, CSV UTF-8 (comma delimited).",
	}
}

func checkExpansion(path string, entries []*zip.File) error {
	info, err := os.Stat(path)
	if err != nil {
		return unreadable(path, err)
	}
	limit := max(uint64(freeExpansion), maxExpansion*uint64(info.Size()))
	var all uint64
	for _, entry := range entries {
		if all += min(entry.UncompressedSize64, limit+1); all > limit {
			return tooLarge(path, limit)
		}
	}
	return nil
}

func tooLarge(path string, limit uint64) error {
	return &insights.Error{
		Code:    "archive_too_large",
		Message: fmt.Sprintf("%s would expand to more than %d MB, the most that an archive of its size may. Nothing was loaded.", path, limit>>20),
		Hint:    fmt.Sprintf("If you trust it, unzip it and give the folder. An archive may expand to %d times its size, and to %d MB in any case.", maxExpansion, freeExpansion>>20),
	}
}

// checkEntry refuses what can be listed and not read.
func checkEntry(archive string, entry *zip.File) error {
	const encrypted = 0x1
	name := archive + "/" + entryName(entry)
	if entry.Flags&encrypted != 0 {
		return &insights.Error{
			Code:    "encrypted_archive",
			Message: name + " is locked with a password. Nothing was loaded.",
			Hint:    "Unzip the archive with its password and give the folder, or make one without a password.",
		}
	}
	if entry.Method != zip.Store && entry.Method != zip.Deflate {
		return &insights.Error{
			Code:    "unknown_compression",
			Message: fmt.Sprintf("%s is compressed in a way that is not known here (method %d). Nothing was loaded.", name, entry.Method),
			Hint:    "Unzip the archive and give the folder, or zip it again with the usual method (deflate).",
		}
	}
	in, err := entry.Open()
	if err != nil {
		return brokenArchive(archive, err)
	}
	defer in.Close()
	head := make([]byte, len(zipEntry))
	n, err := io.ReadFull(in, head)
	if err != nil && !errors.Is(err, io.EOF) && (!errors.Is(err, io.ErrUnexpectedEOF) || entry.UncompressedSize64 >= uint64(len(head))) {
		return brokenArchive(archive, err)
	}
	if !isZip(head[:n]) {
		return nil
	}
	return &insights.Error{
		Code:    "archive_in_archive",
		Message: name + " is an archive within an archive. Nothing was loaded.",
		Hint:    "Unzip " + filepath.Base(archive) + " and give the folder.",
	}
}

// openEntry opens an entry by its number; name makes sure that the archive is
// still the one that was listed.
func openEntry(path string, number int, name string) (io.ReadCloser, error) {
	in, err := zip.OpenReader(path)
	if err != nil {
		return nil, brokenArchive(path, err)
	}
	if number >= len(in.File) || in.File[number].Name != name {
		return nil, errors.Join(brokenArchive(path, errors.New("it was changed while it was read")), in.Close())
	}
	entry := in.File[number]
	text, err := entry.Open()
	if err != nil {
		return nil, errors.Join(brokenArchive(path, err), in.Close())
	}
	return &entryReader{archive: path, in: in, text: text, left: entry.UncompressedSize64}, nil
}

// entryReader reads an entry to the size that the archive says it has, and not
// a byte further.
type entryReader struct {
	archive string
	in      *zip.ReadCloser
	text    io.ReadCloser
	left    uint64
}

func (r *entryReader) Read(p []byte) (int, error) {
	n, err := r.text.Read(p)
	if uint64(n) > r.left {
		return 0, brokenArchive(r.archive, errors.New("an entry is longer than the archive says"))
	}
	r.left -= uint64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		err = brokenArchive(r.archive, err)
	}
	return n, err
}

func (r *entryReader) Close() error { return errors.Join(r.text.Close(), r.in.Close()) }

// brokenArchive says that an archive cannot be read, and why if a person can do
// something about it.
func brokenArchive(path string, err error) error {
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, zip.ErrFormat), errors.Is(err, zip.ErrChecksum), errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &corrupt):
		err = errors.New("it is damaged or not complete")
	case errors.Is(err, os.ErrPermission), errors.Is(err, os.ErrNotExist):
		return unreadable(path, err)
	}
	return &insights.Error{
		Code:    "broken_archive",
		Message: fmt.Sprintf("The archive %s cannot be read: %s. Nothing was loaded.", path, plainCause(err)),
		Hint:    "Fetch it again, see that it is whole, and load it then.",
		Err:     err,
	}
}
