package slice

// table has the slices in alphabetical order of their names. The tests of this package check that each path exists, that
// each slice has a folder or a mark, and that each mark names a slice.
var table = []Slice{
	{
		Name: "go-client", Title: "the Go client for other programs",
		Paths: []string{"clients/go"},
	},
	{
		Name: "kubernetes", Title: "manifests for Kubernetes, with their checks",
		Paths: []string{"deploy/kubernetes", "tools/deploycheck"},
	},
	{
		Name: "observability", Title: "Prometheus rules and a Grafana dashboard",
		Paths: []string{"deploy/grafana", "deploy/prometheus"},
	},
	{
		Name: "typescript", Title: "the TypeScript client",
		Paths: []string{"clients/typescript", "tools/openapi-ts", "tools/testapi"},
	},
	{
		Name: "web", Title: "the web app, with its browser tests",
		Paths: []string{"e2e", "examples/web"},
		Needs: []string{"typescript"},
	},
}
