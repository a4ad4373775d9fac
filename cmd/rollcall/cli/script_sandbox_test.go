package cli_test

import (
	"database/sql"
	"encoding/json"
	"flag"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"

	"rollcall/engine/hubspot/sandbox"
)

// scriptWorld is what a script has beside its files.
type scriptWorld struct {
	server *sandbox.Server
	held   *sql.DB
}

// worldKey is where testscript keeps the world of a script.
type worldKey struct{}

func worldOf(ts *testscript.TestScript) *scriptWorld { return ts.Value(worldKey{}).(*scriptWorld) }

// sandboxOf is the script's sandbox, which must have been started.
func sandboxOf(ts *testscript.TestScript) *scriptWorld {
	w := worldOf(ts)
	if w.server == nil {
		ts.Fatalf("sandbox: not started")
	}
	return w
}

// scriptSandbox starts a HubSpot in this process and lets the script act as a person at HubSpot's own screens:
//
//	sandbox start [-contacts N] [-token T] [-missing-scope S] [-latency D]
//	sandbox members LIST [ID...]       the list holds exactly these
//	sandbox size LIST N                the list holds so many
//	sandbox calls OPERATION N          so many calls since the start or since forget
//	sandbox fault JSON                 declare a fault
//	sandbox forget                     faults and calls
//	sandbox join|leave LIST ID...      edit members by hand
//	sandbox convert LIST TYPE          such as DYNAMIC
//	sandbox delete LIST
//	sandbox record TYPE NAME=VALUE...  make a record
//	sandbox list ID NAME OBJECT_TYPE   make a MANUAL list
//	sandbox property TYPE NAME         define a property with unique values
//	sandbox schema NAME SINGULAR       define a custom object type
func scriptSandbox(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("sandbox: say what to do")
	}
	verb, rest := args[0], args[1:]
	if verb == "start" {
		startSandbox(ts, rest)
		return
	}
	box := sandboxOf(ts).server
	if least := map[string]int{"members": 1, "size": 2, "calls": 2, "fault": 1, "join": 2, "leave": 2, "convert": 2, "delete": 1, "record": 2, "list": 3, "property": 2, "schema": 2}[verb]; len(rest) < least {
		ts.Fatalf("sandbox %s: too few arguments", verb)
	}
	switch verb {
	case "members":
		got, err := box.Members(rest[0])
		ts.Check(err)
		if diff := cmp.Diff(append([]string{}, rest[1:]...), got); diff != "" {
			ts.Fatalf("members of list %s (-want +got):\n%s", rest[0], diff)
		}
	case "size":
		got, err := box.Members(rest[0])
		ts.Check(err)
		wantNumber(ts, "members", rest[1], len(got))
	case "calls":
		wantNumber(ts, "calls of "+rest[0], rest[1], box.CountCalls(strings.TrimPrefix(rest[0], "all")))
	case "fault":
		var fault sandbox.Fault
		ts.Check(json.Unmarshal([]byte(rest[0]), &fault))
		ts.Check(box.Declare(fault))
	case "forget":
		box.ForgetFaults()
		box.ForgetCalls()
	case "join":
		ts.Check(box.AddMembers(rest[0], rest[1:]...))
	case "leave":
		ts.Check(box.RemoveMembers(rest[0], rest[1:]...))
	case "convert":
		ts.Check(box.ConvertList(rest[0], rest[1]))
	case "delete":
		ts.Check(box.DeleteList(rest[0]))
	case "record":
		properties := map[string]string{}
		for _, pair := range rest[1:] {
			name, value, _ := strings.Cut(pair, "=")
			properties[name] = value
		}
		_, err := box.CreateObject(rest[0], properties)
		ts.Check(err)
	case "list":
		_, err := box.CreateList(sandbox.ListInput{ID: rest[0], Name: rest[1], ObjectType: rest[2]})
		ts.Check(err)
	case "property":
		ts.Check(box.DefineProperty(rest[0], sandbox.Property{Name: rest[1], Type: "string", Unique: true}))
	case "schema":
		_, err := box.DefineSchema(sandbox.Schema{Name: rest[0], Singular: rest[1]})
		ts.Check(err)
	default:
		ts.Fatalf("sandbox: unknown verb %q", verb)
	}
}

func wantNumber(ts *testscript.TestScript, what, want string, got int) {
	if strconv.Itoa(got) != want {
		ts.Fatalf("%d %s, not %s", got, what, want)
	}
}

// startSandbox serves a seeded sandbox on a random port and points the environment to it.
func startSandbox(ts *testscript.TestScript, args []string) {
	flags := flag.NewFlagSet("sandbox start", flag.ContinueOnError)
	contacts := flags.Int("contacts", 20, "")
	token := flags.String("token", "", "")
	scopes := flags.String("missing-scope", "", "")
	latency := flags.Duration("latency", 0, "")
	ts.Check(flags.Parse(args))
	options := sandbox.Options{Latency: *latency}
	if *token != "" {
		options.Tokens = []string{*token}
	}
	options.MissingScopes = slices.DeleteFunc(strings.Split(*scopes, ","), func(s string) bool { return s == "" })
	box := sandbox.New(options)
	ts.Check(box.Seed(*contacts))
	server := httptest.NewServer(box)
	ts.Defer(server.Close)
	worldOf(ts).server = box
	ts.Setenv("HUBSPOT_BASE_URL", server.URL)
	ts.Setenv("HUBSPOT_ACCESS_TOKEN", "pat-na1-11111111-2222-3333-4444-555555555555")
}
