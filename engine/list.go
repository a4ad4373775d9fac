package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"rollcall/engine/control"
	"rollcall/engine/hint"
	"rollcall/engine/hubspot"
	"rollcall/engine/plan"
	"rollcall/engine/pool"
	"rollcall/syncspec"
)

// list is the HubSpot list that a sync is for. Its ID is empty while the list is not made yet.
type list struct {
	ID, Name   string
	ObjectType hubspot.ObjectType
	size       *int64 // HubSpot's estimate, where it was asked for; nil: it did not say
}

// lookUp returns the tasks that find the lists of all sessions: one search for up to 500 lists whose IDs are known, one call for
// each that is known by name only. found is told each session's list once, or why there is none.
func (r *round) lookUp(workers *pool.Pool, found func(*session, hubspot.List, error)) []pool.Task {
	known := map[string][]*session{}
	var tasks []pool.Task
	for _, s := range r.live() {
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
	slices.Sort(ids)
	for chunk := range slices.Chunk(ids, hubspot.MaxListSearch) {
		tasks = append(tasks, r.search(workers, chunk, known, found))
	}
	return tasks
}

// knownID is the ID of the session's list where the row gives it, or of the list that is cached under its name: of several that had it, the
// one that was read last.
func (s *session) knownID() string {
	if s.spec.ListID != "" {
		return s.spec.ListID
	}
	return control.ListCalled(s.knownLists, s.spec.ListName, func(objectTypeID string) bool { return objectTypeID == s.list.ObjectType.ID })
}

// knownLists yields what tells which list a name means of every list that is cached.
func (s *session) knownLists(yield func(control.KnownList) bool) {
	for id, m := range s.cachedLists {
		if !yield(control.KnownList{ID: id, Name: m.name, KnownAs: m.knownAs, ObjectTypeID: m.objectTypeID, FullReadAt: m.fullReadAt.Time}) {
			return
		}
	}
}

// refuseLookedUp ends the sessions whose lists, now that they were looked up, are one that others claim too.
func (r *round) refuseLookedUp(ctx context.Context) error {
	var claims []control.Claim
	for _, s := range r.live() {
		if s.list.ID != "" {
			claims = append(claims, control.Claim{List: s.list.ID, Spec: s.spec, Created: s.created})
		}
	}
	refused, err := control.Clashes(ctx, r.conn, claims)
	for _, s := range r.live() {
		if why, ok := refused[s.spec.Name]; ok {
			s.err = why
		}
	}
	return err
}

// search looks up to 500 lists up in one call, on the first session's account. The search index lags behind, so a list that is not
// in the answer is read on its own.
func (r *round) search(workers *pool.Pool, ids []string, sessions map[string][]*session, found func(*session, hubspot.List, error)) pool.Task {
	client := sessions[ids[0]][0].client
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
				for _, s := range sessions[id] {
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

// read reads the list by its ID where that is known, or else by its name.
func (s *session) read(workers *pool.Pool, found func(*session, hubspot.List, error)) pool.Task {
	if s.knownID() != "" {
		return s.readByID(workers, found)
	}
	return s.readByName(found)
}

// readByID reads the list whose ID is known. Where a row names it and it is gone, another one may bear the name.
func (s *session) readByID(workers *pool.Pool, found func(*session, hubspot.List, error)) pool.Task {
	id := s.knownID()
	return func(ctx context.Context) func() error {
		l, err := s.client.List(ctx, id)
		return func() error {
			if s.spec.ListName != "" && (hubspot.IsNotFound(err) || err == nil && l.DeletedAt != nil) {
				s.gone = id
				workers.Add(s.readByName(found))
				return nil
			}
			found(s, l, err)
			return nil
		}
	}
}

func (s *session) readByName(found func(*session, hubspot.List, error)) pool.Task {
	return func(ctx context.Context) func() error {
		l, err := s.client.ListByName(ctx, s.list.ObjectType.ID, s.spec.ListName)
		return func() error {
			found(s, l, err)
			return nil
		}
	}
}

// found stores the session's list, or the error if there is none, and reads its members unless they are cached.
func (s *session) found(workers *pool.Pool, l hubspot.List, err error) {
	switch {
	case hubspot.IsNotFound(err) && s.spec.ListName != "":
		s.list.Name = s.spec.ListName // it is made when the plan is applied
		return
	case hubspot.IsNotFound(err):
		s.err = hint.New("it was deleted, or list_id is not its ILS ID: the number at the end of the list's address in HubSpot; a deleted list can be restored for 90 days",
			"HubSpot has no list %s", s.spec.ListID)
		return
	case err != nil:
		s.err = err
		return
	}
	if err := usable(l, s.list.ObjectType); err != nil {
		s.err = err
		return
	}
	s.list.ID, s.list.Name = l.ID, l.Name
	s.seen = metadataOf(l)
	s.log.Debug().Str("list_id", l.ID).Str("processing_type", l.ProcessingType).Msg("found list")
	s.readMembers(workers)
}

// follows says that the session's list is not called as its row has it, or that it is another one than before; "": neither.
func (s *session) follows() string {
	switch {
	case s.spec.ListName == "" || s.list.ID == "":
		return ""
	case s.gone != "" && s.gone != s.list.ID:
		return fmt.Sprintf("list %s is gone, and list %s bears its name", s.gone, s.list.ID)
	case s.list.Name != "" && !strings.EqualFold(s.list.Name, s.spec.ListName):
		return fmt.Sprintf("list %s, %q in the row, is called %q by now", s.list.ID, s.spec.ListName, s.list.Name)
	}
	return ""
}

// findMade takes the list that the row names from a row of the same run that has made it meanwhile.
func (s *session) findMade() {
	if id, ok := s.made[s.nameKey()]; ok && s.list.ID == "" {
		s.list.ID = id
	}
}

// nameKey tells lists that are named by rows apart.
func (s *session) nameKey() string {
	return s.list.ObjectType.ID + " " + strings.ToLower(s.spec.ListName)
}

// findList looks up the session's list without reading its members. The round has loaded the cached lists.
func (s *session) findList(ctx context.Context) (list, error) {
	t, err := s.client.ObjectType(ctx, s.spec.ObjectType)
	if err != nil {
		return list{}, unknownType(s.spec, err)
	}
	s.list.ObjectType = t
	workers := pool.New(1)
	found := list{ObjectType: t}
	workers.Add(s.read(workers, func(_ *session, l hubspot.List, lookErr error) {
		switch {
		case hubspot.IsNotFound(lookErr):
			s.found(workers, l, lookErr)
			found.Name = s.list.Name
			err = s.err
		case lookErr != nil:
			err = lookErr
		default:
			found.ID, found.Name, found.size = l.ID, l.Name, l.Size
			err = usable(l, t)
		}
	}))
	return found, errors.Join(workers.Run(ctx), err)
}

// unknownType says that HubSpot has no such object type, if that is what err means.
func unknownType(spec syncspec.Spec, err error) error {
	if !errors.Is(err, hubspot.ErrUnknownObjectType) {
		return err
	}
	return hint.New("set object_type to contacts, companies, deals, or a custom object's type ID (2-…) or name",
		"HubSpot has no object type %q", spec.ObjectType)
}

// usable says why a list can't be synced, or nil.
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

// makeList makes the list that the row names, and puts its ID into the plan.
func (s *session) makeList(ctx context.Context, p *plan.Plan) error {
	s.engine.config.Failpoint("before make list")
	made, err := s.writer.CreateList(ctx, s.list.ObjectType.ID, p.ListName)
	s.engine.config.Failpoint("after make list")
	if errors.Is(err, hubspot.ErrDuplicateName) {
		return hint.New("give the row another list_name, or the list's own object_type", "HubSpot has a list named %q of another kind: %w", p.ListName, err)
	} else if err != nil {
		return fmt.Errorf("make list %q: %w", p.ListName, err)
	}
	p.ListID, s.list.ID = made.ID, made.ID
	s.made[s.nameKey()] = made.ID
	s.touched[made.ID] = false   // it has no members, and was not fetched for other rows
	s.seen = metadata{size: "0"} // it is new, so nobody was ever added or removed
	s.log.Info().Str("list_id", made.ID).Msg("made list")
	return nil
}
