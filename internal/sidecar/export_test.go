package sidecar

// AppKeys and CatalogKeys are the keys that an app and a catalog may state, in the order
// of the table: specs of messages that list them do not list them again.
var (
	AppKeys     = knownKeys(fieldsFor(appOnly))
	CatalogKeys = knownKeys(fieldsFor(catalogOnly))
)
