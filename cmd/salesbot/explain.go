package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"salesbot/insights"
	"salesbot/insights/importer"
)

// explain says what files would be taken for, and writes the mapping that says
// the same. It needs no database and loads nothing.
func (p program) explain(ctx context.Context, opt importOptions, paths []string) error {
	s, err := readSettings(p.Environ)
	if err != nil {
		return err
	}
	how, err := p.readingOptions(s, opt)
	if err != nil {
		return err
	}
	explained, err := importer.Explain(ctx, paths, how)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprint(p.Out, explained.Text()); err != nil {
		return err
	}
	if opt.writeMapping != "" {
		return p.writeMapping(opt.writeMapping, explained.Mapping)
	}
	if explained.Mapping == "" {
		return nil
	}
	_, err = fmt.Fprintf(p.Out, "As a mapping, to be edited and given with --mapping:\n\n%s", explained.Mapping)
	return err
}

// writeMapping writes the inferred mapping into a new file, so that one which
// somebody has edited is not lost.
func (p program) writeMapping(path, text string) error {
	if text == "" {
		return &insights.Error{Code: "nothing_recognised", Message: "No file was recognised, so there is no mapping to write."}
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	switch {
	case errors.Is(err, fs.ErrExist):
		return &insights.Error{Code: "file_exists", Message: path + " is there already, and was left as it is.", Hint: "Give another name to --write-mapping, or remove the file."}
	case err != nil:
		return &insights.Error{Code: "unwritable_file", Message: fmt.Sprintf("%s cannot be written: %v.", path, err), Hint: "Check the path.", Err: err}
	}
	_, err = file.WriteString(text)
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.Out, "Wrote the mapping to %s. Edit it, and import with --mapping %s.\n", path, path)
	return err
}

// readingOptions say how the files are to be understood, by the flags.
func (p program) readingOptions(s settings, opt importOptions) (importer.Options, error) {
	mapping, err := readMapping(opt.mapping)
	if err != nil {
		return importer.Options{}, err
	}
	outcomes := map[string]insights.Outcome{}
	for _, answer := range opt.stages {
		stage, outcome, err := importer.ParseStageOutcome(strings.TrimSpace(answer))
		if err != nil {
			return importer.Options{}, err
		}
		outcomes[stage] = outcome
	}
	return importer.Options{
		Mapping: mapping, StageOutcomes: outcomes, Company: s.Company,
		Dates: opt.dates, Decimal: opt.decimal, Currency: opt.currency,
	}, nil
}
