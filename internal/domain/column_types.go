package domain

import "fmt"

// Decimal is an exact number, such as 12.50, as text: a float64 would round it.
type Decimal string

// Scan reads a number from the database, which hands it over as text.
func (d *Decimal) Scan(value any) error { return scanText((*string)(d), value) }

// TimeOfDay is a time without a date, such as 03:04:05, as text.
type TimeOfDay string

// Scan reads a time from the database, which hands it over as text.
func (t *TimeOfDay) Scan(value any) error { return scanText((*string)(t), value) }

func scanText(target *string, value any) error {
	text, ok := value.(string)
	if !ok {
		return fmt.Errorf("the database sent a %T, not a text", value)
	}
	*target = text
	return nil
}
