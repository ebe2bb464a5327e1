// Package platformtest is what the specs of several packages of the platform need: a log's
// writer that can be read meanwhile, files and listings of them, and a clock that is
// stopped.
package platformtest
