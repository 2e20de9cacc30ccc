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
	scaleLarge = flag.Int("scale.large", 1_000_000, "accounts in the large database")
	scaleOnly  = flag.String("scale.only", "", "measure only operations whose names contain this")
)

// mostGrowth is the maximum ratio of the costs in the large and the small database.
const mostGrowth = 3

// BenchmarkAtScale compares the median cost of lists, searches, logins and refreshes among a
// million accounts with that among ten thousand, measured alternately, so that other load affects
// both. It fails if a ratio exceeds mostGrowth, or if PostgreSQL scans a whole table. Filling the
// large database takes minutes.
func BenchmarkAtScale(b *testing.B) {
	small, large := newPopulation(b, *scaleSmall), newPopulation(b, *scaleLarge)
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(table, "\n%d\t%d\tratio\t\n", *scaleSmall, *scaleLarge)
	worst := 0.0
	for _, operation := range operations() {
		if !strings.Contains(operation.name, *scaleOnly) {
			continue
		}
		before, after := measureAlternately(b, operation, small, large)
		ratio, note := float64(after)/float64(before), ""
		switch {
		case operation.grows:
			note = " (grows)"
		case ratio > mostGrowth:
			note = " TOO MUCH"
			b.Errorf("%s: %.1f times the cost, want at most %d", operation.name, ratio, mostGrowth)
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
	b.ReportMetric(0, "ns/op") // the total time is meaningless
	b.ReportMetric(worst, "×small")
}

// operation is a request's work in the service.
type operation struct {
	name string
	do   func(p *population, i int) error // i counts the calls
	// query is set for lists, whose scans are checked.
	query *domain.UserQuery
	// grows reports whether the index reads more rows in a larger table: all matches that are not
	// adjacent in order, or all rows that share each trigram with the text. The ratio is printed,
	// but not checked.
	grows bool
}

// measureAlternately returns the median times of an operation on each database.
func measureAlternately(b *testing.B, operation operation, small, large *population) (before, after time.Duration) {
	b.Helper()
	const warmUp, rounds = 10, 300 // PostgreSQL chooses a generic plan after five executions
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
