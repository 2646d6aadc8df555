package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"flowbook/datasets"
)

func newList() *cobra.Command {
	var data string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Experiments, their questions, and whether their data are at hand",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			all, err := programs()
			if err != nil {
				return err
			}
			out := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(out, "EXPERIMENT\tDATA\tQUESTION")
			for _, name := range sortedKeys(all) {
				d, err := describe(cmd.Context(), all[name])
				if err != nil {
					return err
				}
				fmt.Fprintf(out, "%s\t%s\t%s\n", name, atHand(d.Data, datasets.Folder(data)), d.Question)
			}
			if len(all) == 0 {
				fmt.Fprintln(out, "(none)\t\tbuild them with \"make build\"")
			}
			fmt.Fprintln(out, "\nDATA SET\tROWS\tTITLE")
			for _, info := range datasets.All() {
				fmt.Fprintf(out, "%s\t%d\t%s\n", info.Name, info.Rows, info.Title)
			}
			return out.Flush()
		},
	}
	cmd.Flags().StringVar(&data, "data", "", "data folder (else $FLOWBOOK_DATA, else ./data)")
	return cmd
}

// atHand says in a word whether a set's files are there; it reads none of them.
func atHand(set, dir string) string {
	info, err := datasets.Lookup(set)
	if err != nil {
		return "?"
	}
	there, wanted := 0, 0
	for _, f := range info.Files {
		if f.Optional {
			continue
		}
		wanted++
		if _, err := datasets.Find(info, dir, f.Name); err == nil {
			there++
		}
	}
	switch {
	case there == 0:
		return "simulator"
	case there < wanted:
		return fmt.Sprintf("%d of %d files", there, wanted)
	}
	return "there"
}
