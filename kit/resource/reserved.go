package resource

import (
	"errors"
	"fmt"
	"go/doc"
	"go/token"
	"strings"

	"example.com/plinth/kit/internal/goname"
)

// sqlReserved are the key words that PostgreSQL does not accept as names of columns or tables without
// quotation marks, from appendix C of its documentation.
const sqlReserved = " all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate " +
	"collation column concurrently constraint create cross current_catalog current_date current_role current_schema " +
	"current_time current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign " +
	"freeze from full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit " +
	"localtime localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references " +
	"returning right select session_user similar some symmetric system_user table tablesample then to trailing true union unique " +
	"user using variadic verbose when where window with " +
	// Names of functions and types, which are ambiguous in statements, and columns that each table has.
	"between bigint bit boolean char character coalesce dec decimal exists extract float greatest grouping inout int integer " +
	"interval least national nchar none normalize nullif numeric out overlay position precision real row setof smallint substring " +
	"time timestamp treat trim values varchar xmlattributes ctid oid tableoid xmax xmin cmax cmin "

// typeScript are its key words, and the types that each program has.
const typeScript = " abstract any as asserts async await boolean break case catch class const constructor continue debugger " +
	"declare default delete do else enum export extends false finally for from function get if implements import in infer " +
	"instanceof interface is keyof let module namespace never new null number object of package private protected public " +
	"readonly require return set static string super switch symbol this throw true try type typeof undefined unique unknown var " +
	"void while with yield array bigint blob client client_options config date error file form_data headers map options promise proxy " +
	"record reflect reg_exp request response "

// localNames are the names that generated code uses for something else, and the imports of it.
const localNames = " actor after apiclient apitest api change cmp context contracttest created current ctx dbsqlc domain err " +
	"exact first fixture handlers http httpkit id idgen list mathrand nullable openapi_types other owner page paging params " +
	"position query rand read request response row rows selected servertest service services slices sort store strings test time tx update "

// contractNames are the names of members and parameters that each resource has.
const contractNames = " after created_at cursor id if_match items limit max_rows next_cursor only_if range sort updated_at version "

func contains(list, word string) bool { return strings.Contains(list, " "+word+" ") }

// reservedNoun returns why a word cannot be the name of a resource, or "".
func reservedNoun(name string) string {
	camel := lowerCamel(goname.Of(name))
	switch {
	case token.IsKeyword(camel):
		return "a key word of Go"
	case doc.IsPredeclared(camel):
		return "a predeclared name of Go"
	case contains(sqlReserved, name) && name != "order":
		return "a reserved word of SQL"
	case contains(typeScript, name):
		return "a reserved word or a type of TypeScript"
	case contains(localNames, camel), contains(localNames, name):
		return "a name that the generated code uses"
	}
	return ""
}

// checkFieldName returns an error if a word cannot be the name of a field.
func checkFieldName(name string) error {
	switch {
	case !namePattern.MatchString(name):
		return fmt.Errorf("the name %q: use lower-case letters and digits, and _ between words, such as due_on", name)
	case len(name) > 40:
		return fmt.Errorf("the name has %d characters, and at most 40 are allowed", len(name))
	case contains(contractNames, name):
		return errors.New("each resource has a member or a parameter of this name: use another one")
	case contains(sqlReserved, name):
		return errors.New("the name is a reserved word of SQL: use another one")
	}
	return checkSpelling(name)
}

// checkSpelling returns an error if the generators spell a name differently.
func checkSpelling(name string) error {
	if sql, api := columnName(name), goname.Of(name); sql != api {
		return fmt.Errorf("the generators of code spell it %s and %s: use other words, without initialisms", sql, api)
	}
	return nil
}
