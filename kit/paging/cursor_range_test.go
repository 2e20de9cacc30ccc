package paging_test

import (
	"testing"

	"example.com/plinth/kit/paging"
)

func TestRangeContinuesAfterNext(t *testing.T) {
	t.Parallel()
	order := paging.ByText("notes by title", func(title string) bool { return title != "" })
	first, err := order.Range(nil, 7)
	if err != nil || first != (paging.Range{Limit: 7}) {
		t.Errorf("without a cursor: got %+v, %v", first, err)
	}
	second, err := order.Range(order.Next(&paging.Position{Text: "Groceries"}), 7)
	if err != nil || second.Limit != 7 || second.After == nil || second.After.Text != "Groceries" {
		t.Errorf("with a cursor: got %+v, %v", second, err)
	}
	wrong := "wrong"
	if _, err := order.Range(&wrong, 7); err == nil {
		t.Error("an invalid cursor is accepted")
	}
	if order.Next(nil) != nil {
		t.Error("the last page has a cursor")
	}
}
