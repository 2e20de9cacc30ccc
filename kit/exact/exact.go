package exact

import "fmt"

// Decimal is a number such as 12.50, without the rounding of a float64.
type Decimal string

// Scan implements sql.Scanner.
func (d *Decimal) Scan(value any) error { return scanText((*string)(d), value) }

// TimeOfDay is a time without a date, such as 03:04:05.
type TimeOfDay string

// Scan implements sql.Scanner.
func (t *TimeOfDay) Scan(value any) error { return scanText((*string)(t), value) }

func scanText(target *string, value any) error {
	text, ok := value.(string)
	if !ok {
		return fmt.Errorf("scanning a %T into a text", value)
	}
	*target = text
	return nil
}
