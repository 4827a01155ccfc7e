// Command salesbot answers sales questions in Slack from a Postgres store.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // zones are needed on machines that have no list of them

	"github.com/spf13/cobra"

	"salesbot/bot"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	p := program{In: os.Stdin, Environ: os.Environ(), Out: os.Stdout, Err: os.Stderr, Now: time.Now}
	code := p.run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// program is one run of salesbot with its surroundings, so that tests can run
// it in their own process.
type program struct {
	In      io.Reader
	Environ []string
	Out     io.Writer
	Err     io.Writer
	Now     func() time.Time

	// Tests wait less long, and stop where they want to; nil: the defaults.
	tune      func(*bot.Config)
	tuneWatch func(*watched)
}

// run executes one command line and returns the exit code: 0 done, 1 failed,
// 2 the command line was wrong.
func (p program) run(ctx context.Context, args []string) int {
	root := p.root()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		p.say("salesbot: stopped before it was done")
		return 1
	}
	var quiet quietError
	if !errors.As(err, &quiet) {
		_, _ = fmt.Fprintln(p.Err, "salesbot:", err)
	}
	var usage usageError
	if errors.As(err, &usage) {
		return 2
	}
	return 1
}

// usageError is a command line that cannot be understood.
type usageError struct{ error }

// quietError fails a command that has already said why.
type quietError struct{ error }

// noArgs refuses words that a command has no use for; at the root, these are
// commands that do not exist.
func noArgs(c *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case c.HasParent():
		return usageError{fmt.Errorf("%s takes no arguments, but got %q; see %[1]s --help", c.CommandPath(), args[0])}
	}
	meant := ""
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		meant = fmt.Sprintf(" (did you mean %s?)", strings.Join(near, " or "))
	}
	return usageError{fmt.Errorf("there is no command %q%s; see %s --help", args[0], meant, c.CommandPath())}
}

func (p program) root() *cobra.Command {
	root := &cobra.Command{
		Use:                        "salesbot",
		Short:                      "Sales questions answered in Slack, from Postgres, without a wrong number",
		SilenceErrors:              true,
		SilenceUsage:               true,
		Args:                       noArgs,
		SuggestionsMinimumDistance: 2,
		RunE:                       func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetOut(p.Out)
	root.SetErr(p.Err)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w; see %s --help", err, c.CommandPath())}
	})
	root.AddCommand(p.askCommand(), p.proveCommand(), p.evalCommand(), p.missesCommand(), p.importCommand(), p.importsCommand(), p.migrateCommand(), p.serveCommand(),
		p.workspaceCommand(), p.demoCommand(), p.catalogCommand(), p.manifestCommand(), p.doctorCommand(), p.versionCommand())
	return root
}
