package types_test

import (
	"net/netip"
	"os"
	"reflect"
	"regexp"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/exact"
	typesql "example.com/plinth/lab/types/gen"
)

// TestColumnTypesRoundTrip writes and reads a column of each common type with its Go type of
// sqlc.yaml.
func TestColumnTypesRoundTrip(t *testing.T) {
	t.Parallel()
	db, err := pgx.Connect(t.Context(), pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close(t.Context()) })
	schema, err := os.ReadFile("schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec(t.Context(), string(schema))
	if err != nil {
		t.Fatal(err)
	}

	day := time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)
	instant := time.Date(2024, 2, 29, 23, 59, 59, 123456000, time.UTC)
	id, ip := uuid.MustParse("0193f0c4-5b7a-7c3e-9d55-3f1b2a4c6d8e"), netip.MustParseAddr("192.0.2.1")
	least := typesql.InsertAllTypesParams{
		ID: 1, ADate: day, AUuid: id, ANumeric: "-12345678901234567890.50", AInterval: -90 * time.Minute,
		ATime:      "03:04:05.678000",
		ATimestamp: instant, ATimestamptz: instant, AText: "ä", ABytea: []byte{0, 1}, ABoolean: true,
		ASmallint: -1, AInteger: 1 << 30,
		ABigint: 1 << 60, ADoublePrecision: 0.1, AReal: 1.5, AJsonb: []byte(`{"a": 1}`), AInet: ip,
		ListOfText: []string{"a", ""}, ListOfUuid: []uuid.UUID{id}, ListOfDate: []time.Time{day},
		ListOfInteger: []int32{1, 2},
		ListOfNumeric: []exact.Decimal{"1.50"},
	}
	most := least
	most.ID, most.NullDate, most.NullUuid, most.NullNumeric = 2, &day, &id, new(exact.Decimal("0.10"))
	most.NullInterval, most.NullTime, most.NullTimestamp = new(time.Hour), new(exact.TimeOfDay("23:59:59.000000")), &instant
	most.NullTimestamptz, most.NullText, most.NullBytea, most.NullBoolean = &instant, new("x"), []byte{2}, new(false)
	most.NullSmallint, most.NullInteger, most.NullBigint = new(int16(1)), new(int32(2)), new(int64(3))
	most.NullDoublePrecision, most.NullReal, most.NullJsonb, most.NullInet = new(0.2), new(float32(2.5)), []byte(`[]`), &ip
	for _, params := range []typesql.InsertAllTypesParams{least, most} {
		got, err := typesql.New(db).InsertAllTypes(t.Context(), params)
		if err != nil {
			t.Fatal(err)
		}
		got.ATimestamptz = got.ATimestamptz.UTC()
		if got.NullTimestamptz != nil {
			got.NullTimestamptz = new(got.NullTimestamptz.UTC())
		}
		if want := typesql.AllType(params); !reflect.DeepEqual(got, want) {
			t.Errorf("got\n%+v\nwant\n%+v", got, want)
		}
	}
}

// TestGeneratedCodeHasNoDriverTypes fails when sqlc falls back to pgtype: add an override to
// sqlc.yaml.
func TestGeneratedCodeHasNoDriverTypes(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("gen/models.go")
	if err != nil {
		t.Fatal(err)
	}
	if regexp.MustCompile(`\bpgtype\b`).Match(text) {
		t.Error("the models have a pgtype: add an override to sqlc.yaml")
	}
}
