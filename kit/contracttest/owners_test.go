package contracttest_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"example.com/plinth/kit/contracttest"
)

// tracker is a service with projects of accounts. The token of an account is its name. All rows
// share one sequence of ids.
type tracker struct {
	contract *contracttest.Contract
	lacks    string // the check that is missing, as "operation: check"

	lastID     int
	owners     map[int]string // of projects
	milestones map[int]int    // values are projects
	tasks      map[int]int    // values are projects
	log        []string       // other writes
}

func newTracker(t *testing.T, lacks string) *tracker {
	t.Helper()
	return &tracker{
		contract: parse(t, read(t, "testdata/projects.yaml")), lacks: lacks, lastID: 1000,
		owners: map[int]string{}, milestones: map[int]int{}, tasks: map[int]int{},
	}
}

// newRow creates a task and a milestone in a new project of an account.
func (s *tracker) newRow(account string) contracttest.Row {
	project, milestone, task := s.lastID+1, s.lastID+2, s.lastID+3
	s.lastID += 3
	s.owners[project], s.milestones[milestone], s.tasks[task] = account, project, project
	return contracttest.Row{
		"project_id": strconv.Itoa(project), "milestone_id": strconv.Itoa(milestone), "id": strconv.Itoa(task),
	}
}

func (s *tracker) snapshot() string { return fmt.Sprint(s.owners, s.milestones, s.tasks, s.log) }

func (s *tracker) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	_, op, _ := s.contract.Route(req)
	account := strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer ")
	params := pathParams(op, req)
	id, _ := strconv.Atoi(params["id"])
	project, _ := strconv.Atoi(params["project_id"])
	var body struct {
		ProjectID   int  `json:"project_id"`
		MilestoneID *int `json:"milestone_id"`
		Steps       []struct {
			MilestoneID int `json:"milestone_id"`
		} `json:"steps"`
	}
	_ = json.NewDecoder(req.Body).Decode(&body) // it is valid

	milestones := []int{}
	if body.MilestoneID != nil {
		milestones = append(milestones, *body.MilestoneID)
	}
	for _, step := range body.Steps {
		milestones = append(milestones, step.MilestoneID)
	}
	must := func(check string, holds bool) bool { return holds || s.lacks == op.ID+": "+check }
	ok := must("caller", params["project_id"] == "" || s.owners[project] == account ||
		s.lacks == op.ID+": caller without a milestone" && len(milestones) == 0)
	if params["id"] != "" {
		ok = ok && must("task of the project", params["project_id"] == "" || s.tasks[id] == project)
		ok = ok && s.tasks[id] != 0 && must("caller", s.owners[s.tasks[id]] == account)
	}
	for _, milestone := range milestones {
		ok = ok && must("milestone of the project", s.milestones[milestone] == project)
		ok = ok && must("caller", s.owners[s.milestones[milestone]] == account)
	}
	if op.ID == "moveTask" {
		ok = ok && must("destination of the caller", s.owners[body.ProjectID] == account)
	}
	if !ok {
		s.refuse(w, op, id)
		return
	}
	switch op.ID {
	case "deleteTask":
		delete(s.tasks, id)
	case "moveTask":
		s.tasks[id] = body.ProjectID
	case "listTasks", "searchTasks":
		s.list(w, req, op, account, project)
	case "createTask", "planTasks":
		s.log = append(s.log, fmt.Sprint(op.ID, project, id, milestones))
	}
}

// refuse responds with 404. Without "sameness" the response reveals that the row exists; without
// "care" it writes first.
func (s *tracker) refuse(w http.ResponseWriter, op contracttest.Operation, id int) {
	detail := "There is no such row."
	if s.lacks == op.ID+": sameness" && s.tasks[id] != 0 {
		detail = "This row is not yours."
	}
	if s.lacks == op.ID+": care" {
		s.log = append(s.log, "refused")
	}
	w.WriteHeader(http.StatusNotFound)
	_, _ = fmt.Fprintf(w, `{"code":"not_found","detail":%q}`, detail)
}

func (s *tracker) list(
	w http.ResponseWriter,
	req *http.Request,
	op contracttest.Operation,
	account string,
	project int,
) {
	if text := req.URL.Query().Get("project_id"); text != "" {
		project, _ = strconv.Atoi(text)
	}
	var ids []string
	for _, id := range slices.Sorted(maps.Keys(s.tasks)) {
		ofProject := project == 0 || s.tasks[id] == project || s.lacks == op.ID+": tasks of the project"
		if ofProject && (s.owners[s.tasks[id]] == account || s.lacks == op.ID+": tasks of the caller") {
			ids = append(ids, strconv.Itoa(id))
		}
	}
	_, _ = fmt.Fprintf(w, `{"items":[%s]}`, strings.Join(ids, ","))
}

// heardOf checks an operation of a tracker without one check, and returns the reported errors.
func heardOf(t *testing.T, id, lacks string) string {
	t.Helper()
	s := newTracker(t, lacks)
	heard := &listener{TB: t}
	check := contracttest.Ownership{
		Client: &http.Client{
			Transport: direct{s},
		}, URL: "http://service.test", Lists: s.contract.Operations(), Snapshot: s.snapshot,
	}
	except := map[string]contracttest.Exceptions{
		"moveTask":  {Movable: map[string]string{"project_id": "the new project of the task"}},
		"planTasks": {Open: map[string]string{"ticket_id": "of another system"}},
	}[id]
	rowsOf := func(account string) contracttest.RowOwner {
		return contracttest.RowOwner{Token: account, Row: s.newRow(account), Other: s.newRow(account)}
	}
	check.Check(heard, operation(t, s.contract, id), except, rowsOf("ada"), rowsOf("bob"))
	return heard.text()
}

// TestOwnershipFindsEachMissingCheck checks a correct service, and services that each lack one
// check.
func TestOwnershipFindsEachMissingCheck(t *testing.T) {
	t.Parallel()
	for id, checks := range map[string][]string{
		"getTask":    {"caller", "task of the project", "sameness"},
		"deleteTask": {"caller", "task of the project", "care"},
		"planTasks":  {"caller", "task of the project", "milestone of the project"},
		"createTask": {"caller", "caller without a milestone", "milestone of the project"},
		"moveTask":   {"caller", "destination of the caller"},
		"listTasks":  {"caller"},
	} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			if heard := heardOf(t, id, ""); heard != "" {
				t.Errorf("a correct service fails:\n%s", heard)
			}
			for _, check := range checks {
				if heard := heardOf(t, id, id+": "+check); !strings.Contains(heard, id) {
					t.Errorf("a service without %q passes", check)
				}
			}
		})
	}
	for _, lacks := range []string{"listTasks: tasks of the project", "searchTasks: tasks of the project", "searchTasks: tasks of the caller"} {
		if heard := heardOf(t, "getTask", lacks); !strings.Contains(heard, "shows id of the row") {
			t.Errorf("a service without %q passes: %s", lacks, heard)
		}
	}
}

// TestOwnershipRejectsUselessRows passes rows that could not show a missing check.
func TestOwnershipRejectsUselessRows(t *testing.T) {
	t.Parallel()
	s := newTracker(t, "")
	check := contracttest.Ownership{
		Client:   &http.Client{Transport: direct{s}},
		URL:      "http://service.test",
		Snapshot: s.snapshot,
	}
	row := s.newRow("ada")
	other := s.newRow("ada")
	for name, test := range map[string]struct {
		id, account string
		row, other  contracttest.Row
		want        string
	}{
		"the same parents":            {"getTask", "ada", row, row, "both rows have the same"},
		"no parents":                  {"getTask", "ada", contracttest.Row{"id": "1"}, nil, "the row has no project_id"},
		"a member without identifier": {"planTasks", "ada", row, other, "the row has no ticket_id, and no exception says why any will do"},
		"a row of another account":    {"getTask", "bob", row, other, "the owner cannot reach the row"},
	} {
		heard := &listener{TB: t}
		check.Check(heard, operation(t, s.contract, test.id), contracttest.Exceptions{},
			contracttest.RowOwner{Token: test.account, Row: test.row, Other: test.other})
		if !strings.Contains(heard.text(), test.want) {
			t.Errorf("%s: heard %q", name, heard.text())
		}
	}
}

func TestReferences(t *testing.T) {
	t.Parallel()
	s := newTracker(t, "")
	for id, want := range map[string]string{
		"searchTasks": "[project_id]", "moveTask": "[id project_id]", "getTask": "[id project_id]",
		"createTask": "[milestone_id project_id]", "planTasks": "[id milestone_id project_id ticket_id]",
	} {
		if got := fmt.Sprint(operation(t, s.contract, id).References()); got != want {
			t.Errorf("%s takes %s, want %s", id, got, want)
		}
	}
}
