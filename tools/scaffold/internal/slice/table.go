package slice

// table has the slices in alphabetical order of their names. The tests of this package check that each path exists, that
// each slice has a folder or a mark, and that each mark names a slice.
var table = []Slice{
	{
		Name: "audit", Title: "the audit log: who did what, for administrators",
		Paths: []string{
			"cmd/admin/audit.go", "cmd/admin/audit_test.go", "db/queries/audit_events.sql", "docs/audit.md",
			"db/migrations/000006_create_audit_events.down.sql", "db/migrations/000006_create_audit_events.up.sql",
			"db/migrations/20261129142600_open_types_of_audit_events.down.sql",
			"db/migrations/20261129142600_open_types_of_audit_events.up.sql",
			"db/migrations/20261129142700_validate_types_of_audit_events.down.sql",
			"db/migrations/20261129142700_validate_types_of_audit_events.up.sql",
			"db/migrations/20261129144500_guard_audit_events.down.sql", "db/migrations/20261129144500_guard_audit_events.up.sql",
			"db/migrations/20261129144600_index_coalesced_audit_events.down.sql",
			"db/migrations/20261129144600_index_coalesced_audit_events.up.sql",
			"db/migrations/20261129154043_bound_pruning_by_time.down.sql", "db/migrations/20261129154043_bound_pruning_by_time.up.sql",
			"examples/web/src/pages/audit.tsx",
			"internal/domain/audit_events.go",
			"internal/httpapi/audit_events.go", "internal/httpapi/audit_events_test.go",
			"internal/pgstore/audit_events.go", "internal/pgstore/audit_events_test.go",
		},
		Generated: true,
	},
	{
		Name: "go-client", Title: "the Go client for other programs",
		Paths: []string{"api/samples_test.go", "clients/go"},
	},
	{
		Name: "invitations", Title: "invitations to accounts, by administrators",
		Paths: []string{
			"db/migrations/20261130021700_create_invitations.down.sql", "db/migrations/20261130021700_create_invitations.up.sql",
			"db/queries/invitations.sql", "examples/web/src/pages/acceptance.tsx", "examples/web/src/pages/invitations.tsx",
			"internal/domain/invitations.go",
			"internal/httpapi/invitations.go", "internal/httpapi/invitations_test.go", "internal/pgstore/invitations.go",
		},
		Generated: true,
	},
	{
		Name: "kubernetes", Title: "manifests for Kubernetes",
		Paths: []string{"deploy/kubernetes"},
	},
	{
		Name: "observability", Title: "Prometheus rules, a Grafana dashboard, and containers of both and of Jaeger",
		Paths: []string{"deploy/grafana", "deploy/prometheus"},
	},
	{
		Name: "typescript", Title: "the TypeScript client, and a mock server: what needs Node.js",
		Paths: []string{
			".npmrc", "clients/typescript", "package-lock.json", "package.json", "scripts/generate-typescript.sh",
			"tools/mock", "tools/openapi-ts", "tools/testapi",
		},
	},
	{
		Name: "web", Title: "the web app, with its browser tests",
		Paths: []string{"e2e", "examples/web", "scripts/e2e.sh", "scripts/web.sh"},
		Needs: []string{"typescript"},
	},
}
