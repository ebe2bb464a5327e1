package configserver

// Serve lets tests hold a request in flight and shorten the grace.
var Serve = serve
