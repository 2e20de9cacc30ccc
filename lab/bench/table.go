package main

import (
	"fmt"
	"io"
	"strings"
)

// row is a line of the table. Against, Target and Holds are optional.
type row struct {
	Work, Against, Measured, Target string
	Holds                           *bool
}

// printTable writes the rows as an aligned Markdown table.
func printTable(w io.Writer, rows []row) {
	cells := [][]string{{"work", "against, in the same run", "measured", "target", "met"}}
	for _, r := range rows {
		met := ""
		if r.Holds != nil {
			met = map[bool]string{true: "yes", false: "**no**"}[*r.Holds]
		}
		cells = append(cells, []string{r.Work, r.Against, r.Measured, r.Target, met})
	}
	widths := make([]int, len(cells[0]))
	for _, line := range cells {
		for i, cell := range line {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	for n, line := range cells {
		for i, cell := range line {
			fmt.Fprintf(w, "| %s%s ", cell, strings.Repeat(" ", widths[i]-len([]rune(cell))))
		}
		fmt.Fprintln(w, "|")
		if n == 0 {
			for _, width := range widths {
				fmt.Fprintf(w, "|%s", strings.Repeat("-", width+2))
			}
			fmt.Fprintln(w, "|")
		}
	}
}
