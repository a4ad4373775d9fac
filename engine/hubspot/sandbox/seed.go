package sandbox

import "fmt"

// Seed fills the account, which should be empty, with n contacts and a few
// companies and lists, the same every time:
//
//   - contacts with ids from 1000001 up and the addresses
//     contact-00001@example.com, contact-00002@example.com, …; every 50th also
//     has an additional one such as contact-00050@old.example.com;
//   - the companies Acme, Globex and Initech, ids from 9000000001 up;
//   - the owners Ada Lovelace and Grace Hopper, with the IDs 51 and 52;
//   - the association label "Decision maker" between contacts and companies,
//     which the first contact has at Acme; the second contact is associated
//     with Globex;
//   - list 101 "VIP customers", MANUAL, and 102 "Newsletter", SNAPSHOT, both
//     empty, and 103 "Everyone", DYNAMIC, which holds the n contacts.
func (s *Server) Seed(n int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.opts.Now()
	contacts := s.store.objectType("contacts")
	everyone := make([]int64, 0, n)
	for i := 1; i <= n; i++ {
		email := fmt.Sprintf("contact-%05d@example.com", i)
		properties := map[string]string{propEmail: email, "firstname": "Contact", "lastname": email[len("contact-") : len(email)-len("@example.com")]}
		if i%50 == 0 {
			properties[propAdditionalEmails] = fmt.Sprintf("contact-%05d@old.example.com", i)
		}
		r, err := contacts.create(0, properties, now)
		if err != nil {
			return fmt.Errorf("seed contact %d: %w", i, err)
		}
		everyone = append(everyone, r.id)
	}
	companies := s.store.objectType("companies")
	var firms []int64
	for _, name := range []string{"Acme", "Globex", "Initech"} {
		r, err := companies.create(0, map[string]string{"name": name}, now)
		if err != nil {
			return fmt.Errorf("seed company %s: %w", name, err)
		}
		firms = append(firms, r.id)
	}
	for _, o := range []Owner{
		{Email: "ada@sales.example.com", FirstName: "Ada", LastName: "Lovelace"},
		{Email: "grace@sales.example.com", FirstName: "Grace", LastName: "Hopper"},
	} {
		if _, err := s.store.addOwner(o); err != nil {
			return fmt.Errorf("seed owner %s: %w", o.Email, err)
		}
	}
	s.seedAssociations(pair{contacts.id, companies.id}, everyone, firms)
	for i, in := range []ListInput{
		{Name: "VIP customers", ProcessingType: Manual},
		{Name: "Newsletter", ProcessingType: Snapshot},
		{Name: "Everyone", ProcessingType: Dynamic},
	} {
		l, err := s.store.createList(101+int64(i), in.Name, contacts, in.ProcessingType, now)
		if err != nil {
			return fmt.Errorf("seed list %s: %w", in.Name, err)
		}
		if in.ProcessingType == Dynamic {
			l.members.add(everyone, now.UnixMilli())
			l.note(now, s.opts.MetadataLag, len(everyone), 0)
		}
	}
	return nil
}

func (s *Server) seedAssociations(p pair, contacts, companies []int64) {
	label := s.store.associations.define(p, "decision_maker", "Decision maker", "Decision maker")
	for i, types := range [][]*linkType{{label}, nil} {
		if i < len(contacts) {
			s.store.associations.associate(p, contacts[i], companies[i], types, false)
		}
	}
}
