package warehouse

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/duckdb/duckdb-go/v2"
)

// maxQuery is the longest query, in bytes: the syntax tree takes a hundred times as much memory.
const maxQuery = 256 << 10

// maxDefinitions bounds how many views and macros are looked into for one query.
const maxDefinitions = 500

// Check returns the columns of an analyst's query, or an error if the query could do anything but read.
// Nothing of it is executed. What is wrong with it comes back as a [*QueryError].
//
// The query must be one SELECT. Its syntax tree, and that of each view and macro that it
// leads to, may hold only what is known to read or to compute; the engine must be able to bind it.
// A relation is a table or a view that the engine finds by that very name, a CTE in scope, a function of the lists, or a data file
// of a data folder; anything else is refused, because the engine would continue and look for a file or an address.
// Views and macros are looked into by their names alone, in every database, so a query that is only suspected of
// calling a harmful one of the same name is refused too.
func Check(ctx context.Context, conn *Conn, query string) (Columns, error) {
	return Scope{}.Check(ctx, conn, query)
}

// Check is the package's Check within the scope: what the query reads must be of its databases.
func (s Scope) Check(ctx context.Context, conn *Conn, query string) (Columns, error) {
	if err := checkText(query); err != nil {
		return nil, err
	}
	g, err := s.gate(ctx, conn)
	if err != nil {
		return nil, fmt.Errorf("check query: %w", Explain(err))
	}
	problem, err := g.check(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("check query: %w", Explain(err))
	}
	if problem != nil {
		return nil, problem
	}
	return columns(ctx, conn, query)
}

// checkText refuses what the driver, which hands on C strings, would not hand on whole.
func checkText(query string) error {
	switch {
	case strings.TrimSpace(query) == "":
		return &QueryError{Message: "the query is empty", Hint: "write one SELECT"}
	case len(query) > maxQuery:
		return &QueryError{Message: fmt.Sprintf("the query is longer than %d KB", maxQuery>>10), Hint: "put the values into a table"}
	case strings.Count(query, "/*") > maxComments:
		return &QueryError{Message: fmt.Sprintf("the query has more than %d comments", maxComments), Hint: "take some out: comments within comments take the engine long to read"}
	case strings.ContainsRune(query, 0) || !utf8.ValidString(query):
		return &QueryError{Message: "the query is not text in UTF-8"}
	}
	return nil
}

// gate is one check.
type gate struct {
	conn           *Conn
	catalogue      catalogue
	hasDataFolders bool
	macros         map[string][]definition
	seen           map[definition]bool // what was looked into, or will be
	scope          Scope
	home           place // the database and the schema that a name without one means
	isHomeSet      bool  // by USE, so that it is also in the search path of views that stand elsewhere
}

// gate reads what a check needs to know of the engine.
func (s Scope) gate(ctx context.Context, conn *Conn) (*gate, error) {
	g := &gate{conn: conn, catalogue: readCatalogue(), seen: map[definition]bool{}, scope: s}
	if err := errors.Join(g.readFolders(ctx), g.readMacros(ctx), g.readHome(ctx)); err != nil {
		return nil, err
	}
	return g, nil
}

// check walks the query, then what it leads to, level by level.
func (g *gate) check(ctx context.Context, query string) (*QueryError, error) {
	t, problem, err := g.parse(ctx, query)
	if err != nil || problem != nil {
		return problem, err
	}
	if bad := t.checkCopies(query); bad != nil {
		return bad.in(query), nil
	}
	found, bad, err := g.checkTree(ctx, t, g.home)
	if err != nil || bad != nil {
		return bad.in(query), err
	}
	for len(found) > 0 {
		next := found[0]
		found = found[1:]
		if len(g.seen) > maxDefinitions {
			return &QueryError{Message: "the query leads to too many views and macros", Hint: "query the tables themselves"}, nil
		}
		t, problem, err := g.parse(ctx, next.text)
		if err != nil {
			return nil, err
		}
		if problem != nil {
			return &QueryError{Message: next.name + " can't be looked into: " + problem.Message, Hint: "query the tables themselves"}, nil
		}
		more, bad, err := g.checkTree(ctx, t, next.home)
		if err != nil {
			return nil, err
		}
		if bad != nil {
			return &QueryError{Message: "by " + next.name + ": " + bad.message, Hint: bad.hint}, nil
		}
		found = append(found, more...)
	}
	return nil, nil
}

// in places the problem in the text.
func (p *problem) in(query string) *QueryError {
	if p == nil {
		return nil
	}
	e := &QueryError{Message: p.message, Hint: p.hint}
	e.Line, e.Column = position(query, p.at)
	return e
}

// parse reads a text's syntax tree, if it is one SELECT.
func (g *gate) parse(ctx context.Context, query string) (*tree, *QueryError, error) {
	args, err := queries.Serialize.bind(Args{"query": query})
	if err != nil {
		return nil, nil, err
	}
	var raw string
	if err := g.conn.QueryRowContext(ctx, queries.Serialize.text, args...).Scan(&raw); err != nil {
		return nil, nil, err
	}
	var answer struct {
		Error      bool              `json:"error"`
		Type       string            `json:"error_type"`
		Message    string            `json:"error_message"`
		Position   string            `json:"position"`
		Statements []json.RawMessage `json:"statements"`
	}
	if err := json.Unmarshal([]byte(raw), &answer); err != nil {
		return nil, nil, fmt.Errorf("syntax tree: %w", err)
	}
	switch {
	case answer.Error && answer.Type == "not implemented":
		return nil, &QueryError{
			Message: "the query is not a SELECT",
			Hint:    "write one SELECT; PIVOT needs its values: PIVOT ... ON column IN (...)",
		}, nil
	case answer.Error:
		e := &QueryError{Message: lowerFirst(answer.Message)}
		if strings.Contains(query, "{{") {
			e.Hint = "a template such as dbt's is not filled in here: write the name of the table"
		}
		if at, err := strconv.Atoi(answer.Position); err == nil {
			e.Line, e.Column = position(query, at)
		}
		return nil, e, nil
	case len(answer.Statements) == 0:
		return nil, &QueryError{Message: "the query is empty", Hint: "write one SELECT"}, nil
	case len(answer.Statements) > 1:
		return nil, &QueryError{
			Message: fmt.Sprintf("the query is %d statements", len(answer.Statements)),
			Hint:    "write one SELECT; WITH can hold the steps before it",
		}, nil
	}
	t, err := parseTree(answer.Statements[0])
	if err != nil {
		return nil, nil, err
	}
	return t, nil, nil
}

// columns prepares the query, which binds it to the tables and executes nothing, and reads the columns it returns.
// The optimizer, which computes what is constant and can't be interrupted in that, is off meanwhile where the engine is local; that
// of MotherDuck takes part in planning.
func columns(ctx context.Context, conn *Conn, query string) (found Columns, err error) {
	var local bool
	if err := conn.ScanRow(ctx, queries.IsLocal.text, &local); err != nil {
		return nil, fmt.Errorf("check query: %w", Explain(err))
	}
	if local {
		if _, err := conn.ExecContext(ctx, queries.OptimizerOff.text); err != nil {
			return nil, fmt.Errorf("check query: %w", Explain(err))
		}
		defer func() { err = errors.Join(err, optimizerOn(ctx, conn)) }()
	}
	return bound(ctx, conn, query)
}

// optimizerOn puts the optimizer on again.
func optimizerOn(ctx context.Context, conn *Conn) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
	defer cancel()
	_, err := conn.ExecContext(ctx, queries.OptimizerOn.text)
	return err
}

// bound prepares the query and reads its columns.
func bound(ctx context.Context, conn *Conn, query string) (Columns, error) {
	var found Columns
	err := conn.rawWithin(ctx, func(driverConn any) error {
		prepared, err := driverConn.(*duckdb.Conn).Prepare(query)
		if err != nil {
			return err
		}
		statement := prepared.(*duckdb.Stmt)
		found, err = statementColumns(statement)
		return errors.Join(err, statement.Close())
	})
	if err != nil {
		return nil, queryError(query, err)
	}
	return found, nil
}

func statementColumns(statement *duckdb.Stmt) (Columns, error) {
	kind, err := statement.StatementType()
	if err != nil {
		return nil, err
	}
	if kind != duckdb.STATEMENT_TYPE_SELECT || statement.NumInput() != 0 {
		return nil, &QueryError{Message: "the query is not a SELECT", Hint: "write one SELECT"}
	}
	n, err := statement.ColumnCount()
	if err != nil {
		return nil, err
	}
	found := make(Columns, n)
	for i := range found {
		if found[i].Name, err = statement.ColumnName(i); err != nil {
			return nil, err
		}
		info, err := statement.ColumnTypeInfo(i)
		if err != nil {
			// The driver has no word for a few types, such as VARIANT; they are no keys.
			found[i].Type = "UNKNOWN"
			continue
		}
		found[i].Type = typeName(info)
	}
	return found, nil
}
