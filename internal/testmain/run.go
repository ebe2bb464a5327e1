// Package testmain runs the tests of a package so that none of their processes is
// left, however they end: passed, failed, interrupted, killed, or out of time.
package testmain
