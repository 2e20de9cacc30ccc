//go:build scale

package scale_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"example.com/plinth/internal/domain"
)

var (
	scaleSmall = flag.Int("scale.small", 10_000, "accounts in the small database")
	scaleLarge = flag.Int("scale.large", 1_000_000, "accounts in the large one")
	scaleOnly  = flag.String("scale.only", "", "measure the operations with this in their names")
)

// mostGrowth is how much more an operation may cost in the large database.
const mostGrowth = 3

// BenchmarkAtScale compares the cost of lists, searches, logins and refreshes among a million accounts with that among ten
// thousand: the median of each, measured alternately, so that other load affects both. It fails if one costs more than
// mostGrowth times as much, or if PostgreSQL reads a whole table for it. Filling the large database takes minutes.
func BenchmarkAtScale(b *testing.B) {
	small, large := newPopulation(b, *scaleSmall), newPopulation(b, *scaleLarge)
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(table, "\n%d\t%d\tratio\t\n", *scaleSmall, *scaleLarge)
	worst := 0.0
	for _, operation := range operations() {
		if !strings.Contains(operation.name, *scaleOnly) {
			continue
		}
		before, after := measureInTurns(b, operation, small, large)
		ratio, note := float64(after)/float64(before), ""
		switch {
		case operation.grows:
			note = " (grows)"
		case ratio > mostGrowth:
			note = " TOO MUCH"
			b.Errorf("%s: it costs %.1f times as much", operation.name, ratio)
			fallthrough
		default:
			worst = max(worst, ratio)
		}
		fmt.Fprintf(table, "%s\t%s\t%.2f\t  %s%s\n", before.Round(time.Microsecond), after.Round(time.Microsecond), ratio, operation.name, note)
		if operation.query != nil {
			large.checkScans(b, operation.name, *operation.query)
		}
	}
	must(b, table.Flush())
	if *scaleOnly == "" {
		large.checkPlans(b)
	}
	b.ReportMetric(0, "ns/op") // of all of it, which means nothing
	b.ReportMetric(worst, "×small")
}

// operation is something that the service does for one request.
type operation struct {
	name string
	do   func(p *population, i int) error // the i-th time
	// query is that of a list, whose scans are checked.
	query *domain.UserQuery
	// grows says that the index reads more rows in a larger table: all matches that are not adjacent in order, or all rows that
	// share each trigram with the text. That is printed, but no failure.
	grows bool
}

// measureInTurns returns the median times of an operation on each database.
func measureInTurns(b *testing.B, operation operation, small, large *population) (before, after time.Duration) {
	b.Helper()
	const warmUp, rounds = 10, 300 // more than it takes PostgreSQL to settle on a plan
	measure := func(p *population, i int) time.Duration {
		begin := time.Now()
		must(b, operation.do(p, i))
		return time.Since(begin)
	}
	for i := range warmUp {
		measure(small, i)
		measure(large, i)
	}
	var smalls, larges []time.Duration
	for i := warmUp; i < warmUp+rounds; i++ {
		smalls, larges = append(smalls, measure(small, i)), append(larges, measure(large, i))
	}
	slices.Sort(smalls)
	slices.Sort(larges)
	return smalls[len(smalls)/2], larges[len(larges)/2]
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
