package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"license_exporter/client/rest"
	"license_exporter/engine"
	"license_exporter/status"
)

// errInterrupted is the error of a check that a signal ended.
var errInterrupted = errors.New("the check was interrupted before every account was tried")

// demoNote explains the problem that --check finds in the demo.
const demoNote = "The demo has an organization whose API access is switched off, to show what a problem looks like. So one problem and exit status 1 are expected."

// check tries every account once and prints what was found. It fails if there
// is any problem.
func check(ctx context.Context, e *engine.Engine, demo bool, stdout io.Writer) error {
	e.Refresh(ctx, engine.Selection{})
	if ctx.Err() != nil {
		return errInterrupted
	}
	problems := 0
	table := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ACCOUNT\tORGANIZATION\tNAME\tMODEL\tLICENSES\tNEXT END\tPROBLEM")
	for _, line := range status.Check(e.Snapshots(engine.Selection{})) {
		licenses, end := "", ""
		if line.Counted {
			licenses = strconv.Itoa(line.Licenses)
		}
		if !line.NextEnd.IsZero() {
			end = line.NextEnd.UTC().Format(time.DateOnly)
		}
		if !line.Muted {
			problems += len(line.Problems)
		}
		texts := line.Problems
		for _, note := range line.Notes {
			texts = append(texts, "note: "+note)
		}
		cells := []string{line.Account, line.Organization, line.Name, line.Model, licenses, end, strings.Join(texts, "; ")}
		for i, cell := range cells {
			cells[i] = cmp.Or(rest.Plain(cell), "-") // tabs and line ends would break the table
		}
		fmt.Fprintln(table, strings.Join(cells, "\t"))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if err := checkPolicies(e, stdout); err != nil {
		return err
	}
	if demo {
		if _, err := fmt.Fprintln(stdout, "\n"+demoNote); err != nil {
			return err
		}
	}
	switch problems {
	case 0:
		return nil
	case 1:
		return errors.New("check found 1 problem")
	}
	return fmt.Errorf("check found %d problems", problems)
}
