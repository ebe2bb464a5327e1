package configserver

// Serve lets tests hold a request in flight and shorten the grace.
var Serve = serve

// NewHandler lets tests ask without a network.
var NewHandler = newHandler
