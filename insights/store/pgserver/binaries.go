package pgserver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// oldest is the first major version whose SQL the program relies on.
const oldest = 15

// ErrNoPostgres says that no usable Postgres was found and none could be
// fetched.
var ErrNoPostgres = errors.New("no Postgres to run was found")

// binaries is a folder with initdb and postgres.
type binaries struct {
	dir     string
	major   int
	version string
}

// resolver looks for a Postgres: the one that was asked for, else an installed
// one, else a downloaded one.
type resolver struct {
	override string
	globs    []string
	cache    string
	offline  bool
	npm      npmPackage
	account  account
	progress func(string)
}

var installedGlobs = []string{
	"/usr/lib/postgresql/*/bin",                       // Debian
	"/usr/pgsql-*/bin",                                // the project's own RPMs
	"/opt/homebrew/opt/postgresql@*/bin",              // Homebrew, Apple silicon
	"/usr/local/opt/postgresql@*/bin",                 // Homebrew, Intel
	"/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin", // Homebrew, Linux
	"/Applications/Postgres.app/Contents/Versions/*/bin",
}

func (s *Server) resolver() resolver {
	return resolver{
		override: cmp.Or(s.cfg.Binaries, os.Getenv("SALESBOT_POSTGRES_BIN")),
		globs:    installedGlobs,
		cache:    s.cfg.Cache,
		offline:  s.cfg.Offline,
		npm:      pinnedPackage(),
		account:  s.home.account,
		progress: s.cfg.Progress,
	}
}

// find answers a Postgres of the wanted major version, or, when want is 0, the
// newest there is.
func (r resolver) find(ctx context.Context, want int) (binaries, error) {
	if r.override != "" {
		return r.findOverride(ctx, want)
	}
	installed, broken := r.installed(ctx)
	if best, ok := choose(installed, want); ok {
		return best, nil
	}
	if want != 0 && want != r.npm.major() {
		return binaries{}, errors.Join(wrongVersion(want, installed), broken)
	}
	bin, err := r.fetched(ctx)
	if err != nil && want != 0 {
		return binaries{}, errors.Join(wrongVersion(want, installed), err, broken)
	}
	if err != nil {
		return binaries{}, errors.Join(missing(err), broken)
	}
	return bin, nil
}

func missing(why error) error {
	return fmt.Errorf("%w: none is installed that can be used (version %d or later), and %w; install it (apt-get install postgresql, or brew install postgresql@17), or set DATABASE_URL to a server of yours", ErrNoPostgres, oldest, why)
}

func (r resolver) findOverride(ctx context.Context, want int) (binaries, error) {
	bin, err := r.probe(ctx, r.override)
	if err != nil {
		return binaries{}, fmt.Errorf("SALESBOT_POSTGRES_BIN names %s, where no Postgres runs: %w; it must hold initdb and postgres", r.override, err)
	}
	if _, ok := choose([]binaries{bin}, want); !ok {
		return binaries{}, wrongVersion(cmp.Or(want, oldest), []binaries{bin})
	}
	return bin, nil
}

// choose picks the wanted major version, or the newest usable one.
func choose(found []binaries, want int) (best binaries, ok bool) {
	for _, bin := range found {
		fits := bin.major == want || want == 0 && bin.major >= oldest
		if fits && bin.major > best.major {
			best, ok = bin, true
		}
	}
	return best, ok
}

func wrongVersion(want int, found []binaries) error {
	var have []string
	for _, bin := range found {
		have = append(have, fmt.Sprintf("%s in %s", bin.version, bin.dir))
	}
	return fmt.Errorf("version %d of Postgres is needed, because it wrote the data here or is the oldest that will do, but what was found is: %s; the data are untouched; install it (apt-get install postgresql-%d, or brew install postgresql@%d), or set SALESBOT_POSTGRES_BIN to the folder with its programs", want, cmp.Or(strings.Join(have, ", "), "none"), want, want)
}

// installed probes the usual places, pg_config's answer and PATH. broken says
// why the ones that are there do not run.
func (r resolver) installed(ctx context.Context) (found []binaries, broken error) {
	for _, dir := range r.places(ctx) {
		bin, err := r.probe(ctx, dir)
		switch {
		case err == nil:
			found = append(found, bin)
		case !errors.Is(err, fs.ErrNotExist):
			broken = errors.Join(broken, fmt.Errorf("the Postgres in %s does not run here: %w", dir, err))
		}
	}
	return found, broken
}

func (r resolver) places(ctx context.Context) []string {
	var dirs []string
	for _, glob := range r.globs {
		matches, _ := filepath.Glob(glob) // the patterns are constants
		dirs = append(dirs, matches...)
	}
	if out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	if path, err := exec.LookPath("postgres"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(real))
		}
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}

var versionPattern = regexp.MustCompile(`\(PostgreSQL\) ((\d+)[^\s]*)`)

// probe asks the programs in dir for their version, as the user that will run
// them: they may be out of that user's reach, or lack a library.
func (r resolver) probe(ctx context.Context, dir string) (binaries, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	var text string
	for _, program := range []string{"initdb", "postgres"} {
		cmd := exec.CommandContext(ctx, filepath.Join(dir, program), "--version")
		cmd.Dir, cmd.Env, cmd.SysProcAttr = "/", environment(), r.account.process()
		out, err := cmd.CombinedOutput()
		if err != nil {
			return binaries{}, notRunning(program, err, string(out))
		}
		text = string(out)
	}
	match := versionPattern.FindStringSubmatch(text)
	if match == nil {
		return binaries{}, fmt.Errorf("its version is unreadable: %q", text)
	}
	major, err := strconv.Atoi(match[2])
	if err != nil {
		return binaries{}, err
	}
	return binaries{dir: dir, major: major, version: match[1]}, nil
}

// notRunning says why a program did not run, in its own words if it had any.
func notRunning(program string, err error, out string) error {
	switch said := lastLines(out); {
	case said != "":
		return fmt.Errorf("%w: %s", err, said)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no %s in it (%w)", program, fs.ErrNotExist)
	default:
		return err
	}
}

// fetched answers the Postgres in the user's cache, downloading it first when
// it is not there.
func (r resolver) fetched(ctx context.Context) (binaries, error) {
	cache := r.cache
	if cache == "" {
		var err error
		if cache, err = DefaultCache(appName); err != nil {
			return binaries{}, err
		}
	}
	dir := filepath.Join(cache, r.npm.folder())
	if bin, err := r.probe(ctx, filepath.Join(dir, "bin")); err == nil {
		return bin, nil
	}
	if err := r.mayFetch(); err != nil {
		return binaries{}, err
	}
	turn, err := takeTurn(ctx, cache)
	if err != nil {
		return binaries{}, err
	}
	defer turn.Close()
	if bin, err := r.probe(ctx, filepath.Join(dir, "bin")); err == nil {
		return bin, nil // somebody else has just fetched it
	}
	r.progress(fmt.Sprintf("no Postgres that can be used is installed; fetching one (npm package %s, about %d MB) into %s; nothing else on this machine changes", r.npm.spec(), r.npm.megabytes, dir))
	if err := r.npm.fetch(ctx, cache); err != nil {
		return binaries{}, err
	}
	bin, err := r.probe(ctx, filepath.Join(dir, "bin"))
	if err != nil {
		return binaries{}, fmt.Errorf("the one that was fetched into %s does not run here: %w", dir, err)
	}
	return bin, nil
}

func (r resolver) mayFetch() error {
	switch {
	case r.offline:
		return errors.New("fetching one is switched off")
	case r.npm.integrity == "":
		return errors.New("there is none to fetch for this kind of machine")
	}
	if _, err := exec.LookPath("npm"); err != nil {
		return errors.New("fetching one needs the npm program, which is not installed")
	}
	return nil
}
