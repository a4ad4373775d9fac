package warehouse

import (
	"context"
	"errors"
)

func openLocal(ctx context.Context, c Config) (*Warehouse, error) {
	return nil, errors.New("not built yet")
}
