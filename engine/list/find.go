package list

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"rollcall/engine/control"
	"rollcall/engine/hint"
	"rollcall/engine/hubspot"
	"rollcall/engine/kind"
	"rollcall/engine/plan"
	"rollcall/engine/pool"
	"rollcall/engine/warehouse"
)

// list is the HubSpot list that a sync is for. Its ID is empty while the list is not made yet.
type list struct {
	ID, Name   string
	ObjectType hubspot.ObjectType
	size       *int64 // HubSpot's estimate, where it was asked for; nil: it did not say
}

// lookUp returns the tasks that find the lists of all syncs: one search for up to 500 lists whose IDs are known, one call
// for each that is known by name only. found is told each sync's list once, or why there is none, on the goroutine that
// runs the pool.
//
// A search gives the metadata that tells whether the cached members are current, so that syncs in which nothing changes
// cost one call together. A name is never searched for: HubSpot's search index lags behind, and would miss a list that
// was just made.
func (l *lists) lookUp(workers *pool.Pool, found func(*listSync, hubspot.List, error)) []pool.Task {
	known := map[string][]*listSync{}
	var tasks []pool.Task
	for _, s := range l.live() {
		if id := s.knownID(); id != "" {
			known[id] = append(known[id], s)
			continue
		}
		tasks = append(tasks, s.readByName(found))
	}
	ids := make([]string, 0, len(known))
	for id := range known {
		ids = append(ids, id)
	}
	// In the same order every time, so that the same syncs make the same calls.
	slices.Sort(ids)
	for chunk := range slices.Chunk(ids, hubspot.MaxListSearch) {
		tasks = append(tasks, l.search(workers, chunk, known, found))
	}
	return tasks
}

// knownID is the ID of the sync's list where the row gives it, or of the list that is cached under its name: of several that had it, the
// one that was read last.
func (s *listSync) knownID() string {
	if s.Spec.ListID != "" {
		return s.Spec.ListID
	}
	return control.ListCalled(s.knownLists, s.Spec.ListName, func(objectTypeID string) bool { return objectTypeID == s.list.ObjectType.ID })
}

// knownLists yields what tells which list a name means of every list that is cached. It is an iter.Seq.
func (s *listSync) knownLists(yield func(control.KnownList) bool) {
	for id, m := range s.cached {
		if !yield(control.KnownList{ID: id, Name: m.name, KnownAs: m.knownAs, ObjectTypeID: m.objectTypeID, FullReadAt: m.fullReadAt.Time}) {
			return
		}
	}
}

// refuseLookedUp ends the syncs whose lists, now that they were looked up, are one that others claim too: a row that
// gives an ID and one that gives the name of the same list can be told only now. The error means that the rows could not
// be read.
func (l *lists) refuseLookedUp(ctx context.Context) error {
	var claims []control.Claim
	for _, s := range l.live() {
		if s.list.ID != "" {
			claims = append(claims, control.Claim{List: s.list.ID, Spec: s.Spec, Created: s.Created})
		}
	}
	refused, err := control.Clashes(ctx, l.conn, claims)
	for _, s := range l.live() {
		if why, ok := refused[s.Spec.Name]; ok {
			s.Fail(why)
		}
	}
	return err
}

// search looks up to 500 lists up in one call, on the first sync's account. The search index lags behind, so a list that
// is not in the answer, or is said to be deleted, is read on its own. Where the search fails in a way that other calls
// may escape, each list is read on its own, too.
func (l *lists) search(workers *pool.Pool, ids []string, syncs map[string][]*listSync, found func(*listSync, hubspot.List, error)) pool.Task {
	client, isFatal := syncs[ids[0]][0].Client, l.env.Guards.IsFatal
	return func(ctx context.Context) func() error {
		page, err := client.SearchLists(ctx, hubspot.ListSearch{
			IDs: ids, Properties: []string{hubspot.PropertyListSize, hubspot.PropertyLastAdded, hubspot.PropertyLastRemoved},
		})
		return func() error {
			lists := map[string]hubspot.List{}
			for _, l := range page.Lists {
				lists[l.ID] = l
			}
			for _, id := range ids {
				for _, s := range syncs[id] {
					l, ok := lists[id]
					switch {
					case err != nil && (isFatal(err) || ctx.Err() != nil):
						found(s, hubspot.List{}, err)
					case !ok || l.DeletedAt != nil:
						workers.Add(s.readByID(workers, found))
					default:
						found(s, l, nil)
					}
				}
			}
			return nil
		}
	}
}

// read returns the task that reads the list by its ID where that is known, or else by its name.
func (s *listSync) read(workers *pool.Pool, found func(*listSync, hubspot.List, error)) pool.Task {
	if s.knownID() != "" {
		return s.readByID(workers, found)
	}
	return s.readByName(found)
}

// readByID returns the task that reads the list whose ID is known. Where a row names it and it is gone, another one may
// have the name: it is looked for then, and the guard list_gone decides about making a new one.
func (s *listSync) readByID(workers *pool.Pool, found func(*listSync, hubspot.List, error)) pool.Task {
	id := s.knownID()
	return func(ctx context.Context) func() error {
		l, err := s.Client.List(ctx, id)
		return func() error {
			if s.Spec.ListName != "" && (hubspot.IsNotFound(err) || err == nil && l.DeletedAt != nil) {
				s.gone = id
				workers.Add(s.readByName(found))
				return nil
			}
			found(s, l, err)
			return nil
		}
	}
}

// readByName returns the task that reads the list that has the row's name. By HubSpot's OpenAPI file lists names are
// unique in the account, and are compared without regard to case.
func (s *listSync) readByName(found func(*listSync, hubspot.List, error)) pool.Task {
	return func(ctx context.Context) func() error {
		l, err := s.Client.ListByName(ctx, s.list.ObjectType.ID, s.Spec.ListName)
		return func() error {
			found(s, l, err)
			return nil
		}
	}
}

// found stores the sync's list, or the error if there is none, and reads its members unless they are cached. It is called
// on the goroutine that runs the pool, which owns the connection. A reading that was started before the list was found
// unusable ends with the fetch.
func (s *listSync) found(workers *pool.Pool, l hubspot.List, err error) {
	switch {
	case hubspot.IsNotFound(err) && s.Spec.ListName != "":
		s.list.Name = s.Spec.ListName // it is made when the plan is applied
		return
	case hubspot.IsNotFound(err):
		s.Fail(hint.New("it was deleted, or list_id is not its ILS ID: the number at the end of the list's address in HubSpot; a deleted list can be restored for 90 days",
			"HubSpot has no list %s", s.Spec.ListID))
		return
	case err != nil:
		s.Fail(err)
		return
	}
	if err := usable(l, s.list.ObjectType); err != nil {
		s.Fail(err)
		return
	}
	s.list.ID, s.list.Name = l.ID, l.Name
	s.seen = metadataOf(l)
	s.Log.Debug().Str("list_id", l.ID).Str("processing_type", l.ProcessingType).Msg("found list")
	s.readMembers(workers)
}

// follows returns a sentence that says that the sync's list is not called as its row has it, or that it is another one
// than before; "": neither. Rollcall stays with the list, and does not rename it or make another.
func (s *listSync) follows() string {
	switch {
	case s.Spec.ListName == "" || s.list.ID == "":
		return ""
	case s.gone != "" && s.gone != s.list.ID:
		return fmt.Sprintf("list %s is gone, and list %s has its name", s.gone, s.list.ID)
	case s.list.Name != "" && !strings.EqualFold(s.list.Name, s.Spec.ListName):
		return fmt.Sprintf("list %s, %q in the row, is called %q by now", s.list.ID, s.Spec.ListName, s.list.Name)
	}
	return ""
}

// findMade takes the list that the row names from a row of the same run that has made it meanwhile. Both were looked up
// before either was run.
func (s *listSync) findMade() {
	if id, ok := s.made[s.nameKey()]; ok && s.list.ID == "" {
		s.list.ID = id
	}
}

// nameKey returns what tells lists that are named by rows apart: the object type and the name, as HubSpot compares it.
func (s *listSync) nameKey() string {
	return s.list.ObjectType.ID + " " + strings.ToLower(s.Spec.ListName)
}

// findList looks up the sync's list without reading its members. Load has loaded the cached lists.
func (s *listSync) findList(ctx context.Context) (list, error) {
	t, err := s.resolver.FindType(ctx, s.Sync)
	if err != nil {
		return list{}, err
	}
	s.list.ObjectType = t
	// A pool of one, so that the tasks are those of a run: readByID may add a read by name.
	workers := pool.New(1)
	found := list{ObjectType: t}
	workers.Add(s.read(workers, func(_ *listSync, l hubspot.List, lookErr error) {
		switch {
		case hubspot.IsNotFound(lookErr):
			s.found(workers, l, lookErr)
			found.Name = s.list.Name
			err = s.Err()
		case lookErr != nil:
			err = lookErr
		default:
			found.ID, found.Name, found.size = l.ID, l.Name, l.Size
			err = usable(l, t)
		}
	}))
	return found, errors.Join(workers.Run(ctx), err)
}

// usable returns an error that says why a list can't be synced, or nil. HubSpot's lists guide: only MANUAL and SNAPSHOT
// lists take members from outside. A list that HubSpot is still building would be read in part.
func usable(l hubspot.List, objectType hubspot.ObjectType) error {
	name := fmt.Sprintf("list %s (%s)", l.ID, l.Name)
	switch {
	case l.DeletedAt != nil:
		return hint.New("restore it in HubSpot (possible for 90 days), or give the row another list", "%s was deleted at %s", name, l.DeletedAt.UTC().Format("2006-01-02 15:04 MST"))
	case !l.IsWritable():
		return hint.New("make a static (MANUAL) list and put its ID into list_id, or its name into list_name",
			"%s is %s: HubSpot fills it by its own filters and takes no members from outside", name, l.ProcessingType)
	case l.ObjectTypeID != objectType.ID:
		return hint.New("set object_type to the list's own type, or give the row another list",
			"%s holds objects of type %s, the row is about %s (%s)", name, l.ObjectTypeID, objectType.Name, objectType.ID)
	case l.IsProcessing():
		return hint.New("run it again when HubSpot is done", "HubSpot is still building %s", name)
	}
	return nil
}

// Open makes the list that the row names, and puts its ID into the plan. The ledger has the run as about to make it, by
// makes_list in its row; where the answer is lost, the client tries again and takes the list that turns out to have the
// name.
func (l *lists) Open(ctx context.Context, ks *kind.Sync, p *plan.Plan) error {
	s := l.of(ks)
	l.env.Failpoint("before make list")
	made, err := s.Writer.CreateList(ctx, s.list.ObjectType.ID, p.ListName)
	l.env.Failpoint("after make list")
	if errors.Is(err, hubspot.ErrDuplicateName) {
		return hint.New("give the row another list_name, or the list's own object_type", "HubSpot has a list named %q of another kind: %w", p.ListName, err)
	} else if err != nil {
		return fmt.Errorf("make list %q: %w", p.ListName, err)
	}
	p.ListID, s.list.ID = made.ID, made.ID
	l.made[s.nameKey()] = made.ID
	l.touched[made.ID] = false   // it has no members, and was not fetched for other rows
	s.seen = metadata{size: "0"} // it is new, so nobody was ever added or removed
	s.Log.Info().Str("list_id", made.ID).Msg("made list")
	return nil
}

// Opened stores which list the row means, in the transaction that records its ID in the run's row: a run that is killed
// after it fills that list and makes no second one.
func (l *lists) Opened(ctx context.Context, ks *kind.Sync, _ *plan.Plan) error {
	return l.of(ks).knowList(ctx)
}

// knowList writes that the sync's row means its list, where nothing is known of the list, and takes the name from lists
// that had it before. It writes no metadata: the list is not cached by it.
func (s *listSync) knowList(ctx context.Context) error {
	if _, known := s.cached[s.list.ID]; known {
		return nil
	}
	n, err := s.conn.Exec(ctx, queries.KnowList, warehouse.Args{
		"list_id": s.list.ID, "list_name": warehouse.NullText(s.list.Name), "known_as": warehouse.NullText(s.Spec.ListName), "object_type_id": s.list.ObjectType.ID, "run_id": s.RunID,
	})
	s.names[s.list.ID] = listNames{s.list.Name, s.Spec.ListName}
	if err == nil && n > 0 && s.Spec.ListName != "" {
		_, err = s.conn.Exec(ctx, queries.PassName, warehouse.Args{"list_id": s.list.ID, "name": s.Spec.ListName})
	}
	return err
}
