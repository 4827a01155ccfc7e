package pgserver

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// dataVersion is the major version that wrote the data, or 0 when there are
// none yet.
func (h home) dataVersion() (int, error) {
	text, err := os.ReadFile(filepath.Join(h.data(), "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, h.mustBeEmpty()
	}
	if err != nil {
		return 0, fmt.Errorf("reading the version of the data: %w", err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, fmt.Errorf("%s says %q, which is no version of Postgres that salesbot can use; nothing was changed; choose another folder with SALESBOT_DATA", filepath.Join(h.data(), "PG_VERSION"), strings.TrimSpace(string(text)))
	}
	return major, nil
}

func (h home) mustBeEmpty() error {
	entries, err := os.ReadDir(h.data())
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("%s holds files but no database; nothing was changed; move them away, or choose another folder with SALESBOT_DATA", h.data())
}

// create makes the data beside their place and moves them there in one step, so
// that data which exist are always whole. The caller holds the gate.
func (h home) create(ctx context.Context, bin binaries, fast bool) error {
	h.removeUnfinished()
	if err := h.makePassword(); err != nil {
		return fmt.Errorf("keeping the database's password: %w", err)
	}
	unfinished, err := os.MkdirTemp(h.dir, unfinishedPrefix)
	if err != nil {
		return err
	}
	defer os.RemoveAll(unfinished)
	if err := h.account.own(unfinished); err != nil {
		return err
	}
	if err := h.initdb(ctx, bin, unfinished, fast); err != nil {
		return err
	}
	return os.Rename(unfinished, h.data())
}

const unfinishedPrefix = "unfinished-"

// removeUnfinished clears what an interrupted creation left. Failing does no
// harm: its initdb may still be writing, and the next creation has another name.
func (h home) removeUnfinished() {
	left, _ := filepath.Glob(filepath.Join(h.dir, unfinishedPrefix+"*")) // bad patterns only
	for _, dir := range left {
		_ = os.RemoveAll(dir)
	}
}

// makePassword keeps the password that is needed when the server cannot listen
// on a socket. Postgres's user must read it while it creates the data.
func (h home) makePassword() error {
	if _, err := os.Stat(h.password()); err == nil {
		return nil
	}
	if err := os.WriteFile(h.password(), []byte(rand.Text()+"\n"), 0o600); err != nil {
		return err
	}
	return h.account.own(h.password())
}

func (h home) initdb(ctx context.Context, bin binaries, dir string, fast bool) error {
	args := []string{
		"--pgdata=" + dir, "--username=" + adminName, "--pwfile=" + h.password(),
		"--auth-local=trust", "--auth-host=scram-sha-256", "--encoding=UTF8",
	}
	args = append(args, locale()...)
	if fast {
		args = append(args, "--no-sync")
	}
	cmd := exec.CommandContext(ctx, filepath.Join(bin.dir, "initdb"), args...)
	cmd.Dir, cmd.Env, cmd.SysProcAttr = "/", environment(), h.account.process()
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("creating the database in %s failed: %w\n%s", h.dir, err, lastLines(string(out)))
	}
	return nil
}

// locale sorts by bytes, the same on every machine, and knows the letters of
// Unicode. macOS has no C.UTF-8.
func locale() []string {
	if runtime.GOOS == "darwin" {
		return []string{"--locale=C", "--lc-ctype=en_US.UTF-8"}
	}
	return []string{"--locale=C.UTF-8"}
}

// lastLines is the end of a program's output, where the reason stands.
func lastLines(out string) string {
	lines := strings.Split(strings.TrimSpace(out), "\n")
	return strings.Join(lines[max(0, len(lines)-5):], "\n")
}
