package archtest

import "context"

// Complaints returns what Check would report.
func Complaints(ctx context.Context, rules Rules) ([]string, error) { return rules.check(ctx) }
