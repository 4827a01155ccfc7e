package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"salesbot/handlers"
	"salesbot/insights"
)

// loader imports files that people sent, as `salesbot import` imports others.
type loader struct {
	program  program
	settings settings
	db       *database
}

// Load is part of handlers.Loader. The files are kept on disk while they are
// read, and nowhere else. One that is called mapping.yaml says what the others
// mean.
func (l loader) Load(ctx context.Context, u handlers.Upload) (done insights.Import, err error) {
	dir, err := os.MkdirTemp("", "salesbot-upload-")
	if err != nil {
		return insights.Import{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	opt := importOptions{actor: u.By, key: u.Key, dates: u.Dates, decimal: u.Decimal, currency: u.Currency, stages: u.Stages}
	var paths []string
	left := int64(handlers.MaxUpload)
	for i, f := range u.Files {
		path, size, err := fetch(ctx, filepath.Join(dir, strconv.Itoa(i+1)), f, left)
		if err != nil {
			return insights.Import{}, err
		}
		left -= size
		if filepath.Base(path) == mappingFile {
			opt.mapping = path
			continue
		}
		paths = append(paths, path)
	}
	done, _, err = l.program.loadQuietly(ctx, l.settings, l.db, opt, paths)
	return done, err
}

// fetch writes a file that was sent into a folder of its own, under the name
// that it was sent with: layouts may know files by their names.
func fetch(ctx context.Context, dir string, f handlers.File, most int64) (path string, size int64, err error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", 0, err
	}
	in, err := f.Open(ctx)
	if err != nil {
		return "", 0, err
	}
	defer in.Close()
	path = filepath.Join(dir, filepath.Base(filepath.Clean("/"+f.Name)))
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", 0, err
	}
	size, err = io.Copy(out, io.LimitReader(in, most+1))
	if err := errors.Join(err, out.Close()); err != nil {
		return "", 0, &insights.Error{
			Code:    "file_unreadable",
			Message: fmt.Sprintf("%s did not arrive whole. Nothing was loaded.", f.Name),
			Hint:    "Send it again.",
			Err:     err,
		}
	}
	if size > most {
		return "", 0, &insights.Error{
			Code:    "too_large",
			Message: fmt.Sprintf("The files of this message are larger than %d MB. Nothing was loaded.", handlers.MaxUpload>>20),
			Hint:    "Zip them, send them in parts, or load them with: salesbot import.",
		}
	}
	return path, size, nil
}
