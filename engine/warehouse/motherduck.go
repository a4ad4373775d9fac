package warehouse

import (
	"context"
	"errors"
	"strings"
)

func isMotherDuck(database string) bool { return strings.HasPrefix(database, "md:") }

func openMotherDuck(ctx context.Context, c Config) (*Warehouse, error) {
	return nil, errors.New("not built yet")
}
