package warehouse

import (
	"context"
	"time"
)

// Share is a share of MotherDuck's that is attached and that its owner updates by hand.
type Share struct {
	Name     string    // of the database that it is attached as
	Snapshot time.Time // when the newest snapshot under that name was made; zero: not known
}

// ManualShares lists the shares whose data changes only when their owners update them, by name, as far as MotherDuck reports them: none where it
// does not answer. A local database has none.
func (w *Warehouse) ManualShares(ctx context.Context) (shares []Share) {
	if w.local {
		return nil
	}
	conn, err := w.connect(ctx)
	if err != nil {
		return nil
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	rows, err := conn.QueryContext(ctx, queries.Shares.text)
	if err != nil {
		return nil
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var at NullTime
		if rows.Scan(&name, &at) != nil {
			return nil
		}
		shares = append(shares, Share{name, at.Time})
	}
	return shares
}
