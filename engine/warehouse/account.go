package warehouse

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"time"
)

// askLimit is how long a question about the account may take whose answer nothing depends on.
const askLimit = 10 * time.Second

// readScaling is the end of the ID of an instance that a read-scaling token leads to.
var readScaling = regexp.MustCompile(`\.rs\.\d+$`)

// RefuseUnfit refuses a database in MotherDuck that can't hold the control tables, as an [*Error]: a DuckLake database, a share, or one that
// is reached with a read-scaling token. What MotherDuck does not report is no reason to refuse.
func (w *Warehouse) RefuseUnfit(ctx context.Context) (err error) {
	if w.local {
		return nil
	}
	conn, err := w.connect(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	kind := strings.ToLower(answer(ctx, conn, queries.DatabaseKind) + " " + answer(ctx, conn, queries.DatabaseType))
	switch {
	case strings.Contains(kind, "ducklake"):
		return &Error{
			message: w.name + " is a DuckLake database, which can't hold the control tables: it takes no default values such as now(), and two runners would redo each other's work",
			hint:    "make a native one for them (CREATE DATABASE ops) and name it: md:ops; queries of rows can read the DuckLake database by its name",
		}
	case strings.Contains(kind, "share"):
		return &Error{
			message: w.name + " is a share, which can only be read",
			hint:    "make a database for the control tables (CREATE DATABASE ops) and name it: md:ops; queries of rows can read the share by its name",
		}
	case readScaling.MatchString(answer(ctx, conn, queries.Duckling)):
		return &Error{
			message: "the MotherDuck token is a read-scaling token, which can't write",
			hint:    "make a read/write token (Settings, Access Tokens) and put it into MOTHERDUCK_TOKEN",
		}
	}
	return context.Cause(ctx)
}

// answer is the one text that a question about the account has for an answer, or "" where there is none.
func answer(ctx context.Context, conn *Conn, question NamedQuery) (text string) {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	if conn.QueryRowContext(ctx, question.text).Scan(&text) != nil {
		return ""
	}
	return text
}
