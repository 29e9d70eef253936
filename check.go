package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"license_exporter/engine"
	"license_exporter/status"
)

// errInterrupted is the error of a check that a signal ended.
var errInterrupted = errors.New("the check was interrupted before every account was tried")

// check tries every account once and prints what was found. It fails if there
// is any problem.
func check(ctx context.Context, e *engine.Engine, stdout io.Writer) error {
	e.Refresh(ctx, engine.Selection{})
	if ctx.Err() != nil {
		return errInterrupted
	}
	problems := 0
	table := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ACCOUNT\tORGANIZATION\tMODEL\tCOLLECTOR\tLICENSES\tNEXT END\tPROBLEM")
	for _, s := range status.Rows(e.Snapshots(engine.Selection{})) {
		licenses, end := "-", "-"
		if s.Counted {
			licenses = fmt.Sprint(s.Licenses)
		}
		if !s.NextEnd.IsZero() {
			end = s.NextEnd.UTC().Format(time.DateOnly)
		}
		var texts []string
		if s.Problem != "" {
			if !s.Muted {
				problems++
			}
			texts = append(texts, s.Problem)
		}
		for _, note := range s.Notes {
			texts = append(texts, note.String())
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n",
			s.Account, s.Organization, s.Model, s.Collector, licenses, end, strings.Join(texts, "; "))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if err := checkPolicies(e, stdout); err != nil {
		return err
	}
	switch problems {
	case 0:
		return nil
	case 1:
		return errors.New("check found 1 problem")
	}
	return fmt.Errorf("check found %d problems", problems)
}
