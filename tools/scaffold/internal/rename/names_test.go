package rename_test

import (
	"strings"
	"testing"

	"example.com/plinth/tools/scaffold/internal/rename"
)

func TestNewNames(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ module, name, title, slug string }{
		{"github.com/acme/orders", "", "Orders", "orders"},
		{"github.com/acme/order-desk2", "", "OrderDesk2", "orderdesk2"},
		{"github.com/acme/order_desk.api", "", "OrderDeskApi", "orderdeskapi"},
		{"github.com/acme/OrderDesk", "", "OrderDesk", "orderdesk"},
		{"github.com/acme/orders/v2", "", "Orders", "orders"},
		{"git.acme.example/shop/backend/orders", "", "Orders", "orders"},
		{"github.com/acme/2048", "", "App2048", "app2048"},
		{"github.com/acme/3d-print", "", "App3dPrint", "app3dprint"},
		{"github.com/acme/order", "", "OrderApp", "orderapp"},          // SQL
		{"github.com/acme/type", "", "TypeApp", "typeapp"},             // Go
		{"github.com/acme/string", "", "StringApp", "stringapp"},       // Go, predeclared
		{"github.com/acme/yes", "", "YesApp", "yesapp"},                // YAML
		{"github.com/acme/api", "", "ApiApp", "apiapp"},                // a folder here
		{"github.com/acme/postgres", "", "PostgresApp", "postgresapp"}, // a database in every cluster
		{"github.com/acme/context", "", "ContextApp", "contextapp"},    // a package of Go
		{"github.com/acme/http", "", "HttpApp", "httpapp"},
		{"github.com/acme/errors", "", "ErrorsApp", "errorsapp"},
		{"github.com/acme/orders", "order desk", "OrderDesk", "orderdesk"},
		{"github.com/acme/orders", "OrderDesk", "OrderDesk", "orderdesk"},
		{"github.com/acme/a-name-of-more-than-thirty-characters", "short", "Short", "short"},
	} {
		got, err := rename.NewNames(test.module, test.name, nil)
		want := rename.Names{Module: test.module, Title: test.title, Slug: test.slug}
		if err != nil || got != want {
			t.Errorf("NewNames(%q, %q) = %+v, %v, want %+v", test.module, test.name, got, err, want)
		}
	}
}

func TestNewNamesRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ module, name, complaint string }{
		{"", "", "host and a folder"},
		{"orders", "", "host and a folder"},
		{"github.com", "", "host and a folder"},
		{"acme/orders", "", "host and a folder"}, // reserved for the standard library
		{"GitHub.com/acme/orders", "", "host and a folder"},
		{"https://github.com/acme/orders", "", "host and a folder"},
		{"-github.com/acme/orders", "", "host and a folder"},
		{"github.com/acme/orders/", "", "is not made of"},
		{"github.com//orders", "", "is not made of"},
		{"github.com/acme/../orders", "", "is not made of"},
		{"github.com/acme/.orders", "", "is not made of"},
		{"github.com/acme/my orders", "", "is not made of"},
		{"github.com/acme/orders;rm", "", "is not made of"},
		{"github.com/acme/bestellungen-für-köln", "", "is not made of"},
		{"github.com/acme/orders/v1", "", "/v2 and above"},
		{"github.com/acme/orders/v02", "", "/v2 and above"},
		{"example.com/v2", "", "/v2 and above"},
		{"github.com/acme/---", "", "no letter or digit"},
		{"github.com/acme/a-name-of-more-than-thirty-characters", "", "longer than 30"},
		{"github.com/acme/orders", "2048", "begin with a letter"},
		{"github.com/acme/orders", "User", "PostgreSQL"},
		{"github.com/acme/orders", "func", "Go has taken"},
		{"github.com/acme/orders", "yes", "YAML"},
		{"github.com/acme/orders", "server", "a part of the project"},
		{"github.com/acme/orders", "context", "a package of Go"},
		{"github.com/acme/orders", "größe", "ASCII"},
		{"github.com/acme/orders", "a/b", "ASCII"},
		{"github.com/acme/orders", " - ", "no letter or digit"},
		{"github.com/acme/orders", strings.Repeat("x", 31), "longer than 30"},
	} {
		got, err := rename.NewNames(test.module, test.name, nil)
		if err == nil || !strings.Contains(err.Error(), test.complaint) {
			t.Errorf("NewNames(%q, %q) = %+v, %v, want an error with %q", test.module, test.name, got, err, test.complaint)
		}
	}
}

// A package that a file uses must not be hidden by a name in that file: the copy would not compile.
func TestIdentifiersOfTheClientAreTaken(t *testing.T) {
	t.Parallel()
	taken, err := rename.Identifiers("../../../..")
	if err != nil || !taken["client"] || !taken["response"] || taken["plinth"] {
		t.Fatalf("%d identifiers, %v", len(taken), err)
	}
	names, err := rename.NewNames("github.com/acme/response", "", taken)
	if err != nil || names.Slug != "responseapp" {
		t.Errorf("mended to %+v, %v", names, err)
	}
	if _, err := rename.NewNames("github.com/acme/orders", "response", taken); err == nil || !strings.Contains(err.Error(), "a part of the project") {
		t.Errorf("a name that was given: %v", err)
	}
}
