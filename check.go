package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"license_exporter/collector"
)

// check tries every account once and prints what was found. It fails if there
// is any problem.
func check(ctx context.Context, engine *collector.Engine, stdout io.Writer) error {
	engine.Refresh(ctx, collector.Selection{})
	problems := 0
	table := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ACCOUNT\tORGANIZATION\tMODEL\tCOLLECTOR\tLICENSES\tNEXT END\tPROBLEM")
	for _, s := range engine.Status() {
		licenses, end := "-", "-"
		if s.Counted {
			licenses = fmt.Sprint(s.Licenses)
		}
		if !s.NextEnd.IsZero() {
			end = s.NextEnd.UTC().Format(time.DateOnly)
		}
		if s.Problem != "" {
			problems++
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n",
			s.Account, s.Organization, s.Model, s.Collector, licenses, end, s.Problem)
	}
	if err := table.Flush(); err != nil {
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
