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
	for _, name := range []string{"Acme", "Globex", "Initech"} {
		if _, err := companies.create(0, map[string]string{"name": name}, now); err != nil {
			return fmt.Errorf("seed company %s: %w", name, err)
		}
	}
	for _, o := range []Owner{
		{Email: "ada@sales.example.com", FirstName: "Ada", LastName: "Lovelace"},
		{Email: "grace@sales.example.com", FirstName: "Grace", LastName: "Hopper"},
	} {
		if _, err := s.store.addOwner(o); err != nil {
			return fmt.Errorf("seed owner %s: %w", o.Email, err)
		}
	}
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
