// Package springtest runs the real Spring Cloud Config Server in tests: a small Spring Boot app, below
// testdata/server, that Maven builds once for all of a user's tests. It needs a JDK of version 17 or newer, and
// mvn.
//
// A package that uses it must run its tests through internal/testmain, like all that start processes.
package springtest
