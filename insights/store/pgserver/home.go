package pgserver

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// DefaultDir is the folder for an application's data: the user's own data
// folder, or /var/lib for root, whose home is closed to the user that Postgres
// then runs as.
func DefaultDir(app string) (string, error) {
	if os.Geteuid() == 0 {
		return filepath.Join("/var/lib", app), nil
	}
	if data := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(data) {
		return filepath.Join(data, app), nil
	}
	user, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("no home folder to keep data in: %w", err)
	}
	return filepath.Join(user, ".local", "share", app), nil
}

// DefaultCache is the folder for what can be fetched again.
func DefaultCache(app string) (string, error) {
	if os.Geteuid() == 0 {
		return filepath.Join("/var/cache", app), nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no cache folder to keep downloads in: %w", err)
	}
	return filepath.Join(cache, app), nil
}

// home is the folder of one server, and who runs it.
type home struct {
	dir     string
	account account
}

func (h home) data() string      { return filepath.Join(h.dir, "data") }
func (h home) sockets() string   { return filepath.Join(h.dir, "run") }
func (h home) log() string       { return filepath.Join(h.dir, "server.log") }
func (h home) password() string  { return filepath.Join(h.dir, "password") }
func (h home) startLock() string { return filepath.Join(h.dir, "start.lock") }
func (h home) usersLock() string { return filepath.Join(h.dir, "users.lock") }

func openHome(dir string) (home, error) {
	if dir == "" {
		return home{}, errors.New("no folder was given for the database")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return home{}, err
	}
	if err := makeDir(dir); err != nil {
		return home{}, fmt.Errorf("the database folder cannot be made: %w; choose another with SALESBOT_DATA", err)
	}
	dir, err = filepath.EvalSymlinks(dir)
	if err != nil {
		return home{}, err
	}
	h := home{dir: dir}
	h.account, err = accountFor(h.data())
	if err != nil {
		return home{}, err
	}
	return h, h.account.reaches(dir)
}

// makeDir makes a folder, and those above it, that only the user may enter. For
// root they are open, whatever the umask, because Postgres runs as somebody
// else; the data below are closed.
func makeDir(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := makeDir(filepath.Dir(dir)); err != nil {
		return err
	}
	mode := fs.FileMode(0o700)
	if os.Geteuid() == 0 {
		mode = 0o755
	}
	if err := os.Mkdir(dir, mode); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return os.Chmod(dir, mode)
}

// account is the user that Postgres runs as.
type account struct {
	uid, gid uint32
	name     string
	switched bool // it is not the user of this program
}

// accountFor picks the user. Postgres refuses to run as root, so root switches
// to the owner of existing data, else to the user that Postgres packages
// create, else to nobody. The user must exist: initdb looks its name up.
func accountFor(data string) (account, error) {
	if os.Geteuid() != 0 {
		return account{uid: uint32(os.Geteuid()), gid: uint32(os.Getegid())}, nil
	}
	if owner, ok := ownerOf(data); ok && owner.uid != 0 {
		return owner, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.ParseUint(u.Uid, 10, 32)
		gid, errGID := strconv.ParseUint(u.Gid, 10, 32)
		if errUID == nil && errGID == nil {
			return account{uid: uint32(uid), gid: uint32(gid), name: name, switched: true}, nil
		}
	}
	return account{}, errors.New("the database does not run as root, and this machine has neither a user postgres nor a user nobody; run salesbot as an ordinary user")
}

func ownerOf(path string) (account, bool) {
	info, err := os.Stat(path)
	if err != nil {
		return account{}, false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return account{}, false
	}
	name := strconv.FormatUint(uint64(stat.Uid), 10)
	if u, err := user.LookupId(name); err == nil {
		name = u.Username
	}
	return account{uid: stat.Uid, gid: stat.Gid, name: name, switched: true}, true
}

// reaches says which folder on the way to dir is closed to the account.
func (a account) reaches(dir string) error {
	if !a.switched {
		return nil
	}
	for at := dir; ; at = filepath.Dir(at) {
		info, err := os.Stat(at)
		if err != nil {
			return err
		}
		if !a.mayEnter(info) {
			return fmt.Errorf("the database does not run as root, so it runs as %s, who cannot enter %s (mode %v); nothing was changed; set SALESBOT_DATA to a folder outside it, such as /var/lib/salesbot", a.name, at, info.Mode().Perm())
		}
		if at == filepath.Dir(at) {
			return nil
		}
	}
}

func (a account) mayEnter(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return true
	}
	switch {
	case stat.Uid == a.uid:
		return info.Mode().Perm()&0o100 != 0
	case stat.Gid == a.gid:
		return info.Mode().Perm()&0o010 != 0
	default:
		return info.Mode().Perm()&0o001 != 0
	}
}

// own gives a file or folder to the account.
func (a account) own(path string) error {
	if !a.switched {
		return nil
	}
	return os.Chown(path, int(a.uid), int(a.gid))
}

// process is how programs of Postgres are run: as the account, and in a session
// of their own, so that Ctrl-C and a closing terminal reach only us.
func (a account) process() *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setsid: true}
	if a.switched {
		attr.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid}
	}
	return attr
}

// environment is ours without what would change Postgres's mind: its own
// variables, and the locale, which would also translate the messages we read.
func environment(extra ...string) []string {
	kept := []string{"LC_ALL=C"}
	for _, entry := range os.Environ() {
		if strings.HasPrefix(entry, "PG") || strings.HasPrefix(entry, "LC_") || strings.HasPrefix(entry, "LANG") {
			continue
		}
		kept = append(kept, entry)
	}
	return append(kept, extra...)
}
