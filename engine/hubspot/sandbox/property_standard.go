package sandbox

// The object types that every account has, each with some of the properties
// that HubSpot gives it (HubSpot's knowledge base, "Default contact
// properties" and its like).

// Ids of different types come from ranges far apart, so that a company's id is
// never by chance that of a contact.
func standardTypes() []*objectType {
	contacts := newObjectType("0-1", "contacts", "contact", 1_000_001)
	contacts.defaults = []string{propCreated, propEmail, "firstname", propObjectID, propContactModified, "lastname"}
	contacts.defineAll(contactProperties())

	companies := newObjectType("0-2", "companies", "company", 9_000_000_001)
	companies.defaults = []string{propCreated, "domain", propModified, propObjectID, "name"}
	companies.defineAll(companyProperties())

	deals := newObjectType("0-3", "deals", "deal", 8_000_000_001)
	deals.defaults = []string{"amount", "closedate", propCreated, "dealname", "dealstage", propModified, propObjectID, "pipeline"}
	deals.defineAll(dealProperties())

	tickets := newObjectType("0-5", "tickets", "ticket", 6_000_000_001)
	tickets.defaults = []string{"content", propCreated, propModified, propObjectID, "hs_pipeline", "hs_pipeline_stage", "hs_ticket_category", "hs_ticket_priority", "subject"}
	tickets.defineAll(ticketProperties())
	return []*objectType{contacts, companies, deals, tickets}
}

func contactProperties() []Property {
	return join(
		[]Property{
			{Name: propEmail, Label: "Email", Unique: true, Defined: true},
			{Name: propAdditionalEmails, Label: "Additional email addresses", Type: "enumeration", FieldType: "checkbox", External: true, Defined: true},
			{Name: "phone", Label: "Phone Number", FieldType: "phonenumber", Defined: true},
			{Name: "mobilephone", Label: "Mobile Phone Number", FieldType: "phonenumber", Defined: true},
			{Name: "hs_email_optout", Label: "Unsubscribed from all email", Type: "bool", Defined: true, ReadOnly: true},
			{Name: "num_associated_deals", Label: "Number of Associated Deals", Type: "number", Calculated: true, ReadOnly: true, Defined: true},
			{Name: "closedate", Label: "Close Date", Type: "datetime", Defined: true},
			{Name: "hs_persona", Label: "Persona", Type: "enumeration", Hidden: true, Defined: true},
			choice("hs_lead_status", "Lead Status", "radio", "NEW", "New", "OPEN", "Open", "IN_PROGRESS", "In Progress", "UNQUALIFIED", "Unqualified"),
			lifecycleStage(),
		},
		texts("firstname", "First Name", "lastname", "Last Name", "company", "Company Name", "jobtitle", "Job Title",
			"website", "Website URL", "address", "Street Address", "city", "City", "state", "State/Region", "zip", "Postal Code",
			"country", "Country/Region", "date_of_birth", "Date of birth"),
		system(propContactModified),
	)
}

func companyProperties() []Property {
	return join(
		[]Property{
			{Name: "phone", Label: "Phone Number", FieldType: "phonenumber", Defined: true},
			{Name: "numberofemployees", Label: "Number of Employees", Type: "number", Defined: true},
			{Name: "annualrevenue", Label: "Annual Revenue", Type: "number", Defined: true},
			{Name: "is_public", Label: "Is Public", Type: "bool", Defined: true},
			{Name: "num_associated_contacts", Label: "Number of Associated Contacts", Type: "number", Calculated: true, ReadOnly: true, Defined: true},
			choice("industry", "Industry", "select", "ACCOUNTING", "Accounting", "BANKING", "Banking", "COMPUTER_SOFTWARE", "Computer Software", "RETAIL", "Retail"),
			choice("type", "Type", "radio", "PROSPECT", "Prospect", "PARTNER", "Partner", "RESELLER", "Reseller", "VENDOR", "Vendor", "OTHER", "Other"),
			lifecycleStage(),
		},
		texts("name", "Company name", "domain", "Company Domain Name", "website", "Website URL", "description", "Description",
			"address", "Street Address", "city", "City", "state", "State/Region", "zip", "Postal Code", "country", "Country/Region"),
		system(propModified),
	)
}

func dealProperties() []Property {
	return join(
		[]Property{
			{Name: "amount", Label: "Amount", Type: "number", Defined: true},
			{Name: "closedate", Label: "Close Date", Type: "datetime", Defined: true},
			{Name: "description", Label: "Deal Description", FieldType: "textarea", Defined: true},
			{Name: "hs_is_closed", Label: "Is Deal Closed?", Type: "bool", Calculated: true, ReadOnly: true, Defined: true},
			choice("dealstage", "Deal Stage", "radio", "appointmentscheduled", "Appointment Scheduled", "qualifiedtobuy", "Qualified To Buy",
				"contractsent", "Contract Sent", "closedwon", "Closed Won", "closedlost", "Closed Lost"),
			choice("pipeline", "Pipeline", "select", "default", "Sales Pipeline"),
			choice("dealtype", "Deal Type", "radio", "newbusiness", "New Business", "existingbusiness", "Existing Business"),
			choice("hs_priority", "Priority", "select", "low", "Low", "medium", "Medium", "high", "High"),
		},
		texts("dealname", "Deal Name"),
		system(propModified),
	)
}

func ticketProperties() []Property {
	return join(
		[]Property{
			{Name: "content", Label: "Ticket description", FieldType: "textarea", Defined: true},
			choice("hs_pipeline", "Pipeline", "select", "0", "Support Pipeline"),
			choice("hs_pipeline_stage", "Ticket status", "select", "1", "New", "2", "Waiting on contact", "3", "Waiting on us", "4", "Closed"),
			choice("hs_ticket_category", "Category", "checkbox", "PRODUCT_ISSUE", "Product Issue", "BILLING_ISSUE", "Billing Issue",
				"FEATURE_REQUEST", "Feature Request", "GENERAL_INQUIRY", "General Inquiry"),
			choice("hs_ticket_priority", "Priority", "select", "LOW", "Low", "MEDIUM", "Medium", "HIGH", "High", "URGENT", "Urgent"),
		},
		texts("subject", "Ticket name"),
		system(propModified),
	)
}

func join(parts ...[]Property) []Property {
	var all []Property
	for _, part := range parts {
		all = append(all, part...)
	}
	return all
}

// system are the properties of every standard type that HubSpot itself fills
// in, and the owner.
func system(modified string) []Property {
	return []Property{
		{Name: modified, Label: "Last Modified Date", Type: "datetime", ReadOnly: true, Defined: true},
		{Name: propMergedIDs, Label: "Merged record IDs", Type: "enumeration", FieldType: "checkbox", External: true, ReadOnly: true, Defined: true},
		{Name: "hubspot_owner_id", Label: "Owner", Type: "enumeration", External: true, Reference: "OWNER", Defined: true},
	}
}

// texts makes properties of names and labels in turn.
func texts(namesAndLabels ...string) []Property {
	var all []Property
	for i := 0; i < len(namesAndLabels); i += 2 {
		all = append(all, Property{Name: namesAndLabels[i], Label: namesAndLabels[i+1], Defined: true})
	}
	return all
}

// choice makes an enumeration of values and labels in turn.
func choice(name, label, fieldType string, valuesAndLabels ...string) Property {
	p := Property{Name: name, Label: label, Type: "enumeration", FieldType: fieldType, Defined: true}
	for i := 0; i < len(valuesAndLabels); i += 2 {
		p.Options = append(p.Options, Option{Value: valuesAndLabels[i], Label: valuesAndLabels[i+1], Order: i / 2})
	}
	return p
}

func lifecycleStage() Property {
	return choice("lifecyclestage", "Lifecycle Stage", "radio", "subscriber", "Subscriber", "lead", "Lead",
		"marketingqualifiedlead", "Marketing Qualified Lead", "salesqualifiedlead", "Sales Qualified Lead", "opportunity", "Opportunity",
		"customer", "Customer", "evangelist", "Evangelist", "other", "Other")
}
