//go:build ignore

// Command springserver replaces a Spring Cloud Config Server of which only the answers' size matters. Each answer
// differs from the last one, so that config-server reads, keeps and renders all of it each time.
//
//	springserver keys NUMBER    answers with so many keys
//	springserver bytes NUMBER   with text of so many bytes, in values of 1 KB
//	springserver long NUMBER    with one value of so many bytes
//	springserver endless 0      with a value that does not end
//	springserver deep NUMBER    with a value that is nested so deep
//	springserver flat NUMBER    with a list of so many items behind a key of 4 KB, each of which has the key in full
//
// It prints its address.
package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
)

func main() {
	if err := serve(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "springserver:", err)
		os.Exit(1)
	}
}

func serve(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("found %q; expected KIND NUMBER", args)
	}
	number, err := strconv.Atoi(args[1])
	if err != nil {
		return fmt.Errorf("found %q; expected a number", args[1])
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("http://%s\n", listener.Addr())
	var answers atomic.Int64
	return http.Serve(listener, http.HandlerFunc(func(response http.ResponseWriter, _ *http.Request) {
		written := bufio.NewWriterSize(response, 64<<10)
		fmt.Fprintf(written, `{"name":"application","profiles":["default"],"version":"1","propertySources":[{"name":"large","source":{"answer":%d`, answers.Add(1))
		values(written, args[0], number)
		_, _ = io.WriteString(written, `}}]}`)
		_ = written.Flush() // a failure means that config-server has read enough
	}))
}

// values writes the values of an answer, each with a comma in front of it.
func values(written *bufio.Writer, kind string, number int) {
	switch kind {
	case "keys":
		for i := range number {
			fmt.Fprintf(written, `,"spring.key%d.name":"value %d"`, i, i)
		}
	case "bytes":
		for i := range number >> 10 {
			fmt.Fprintf(written, `,"spring.key%d.name":"%01000d"`, i, i)
		}
	case "long":
		fmt.Fprintf(written, `,"long":"%s"`, strings.Repeat("x", number))
	case "endless":
		_, err := written.WriteString(`,"endless":"`)
		for err == nil {
			_, err = written.WriteString("endless ")
		}
	case "deep":
		fmt.Fprintf(written, `,"deep":%s1%s`, strings.Repeat("[", number), strings.Repeat("]", number))
	case "flat":
		fmt.Fprintf(written, `,"%s":[1%s]`, strings.Repeat("k", 4<<10), strings.Repeat(",1", number))
	}
}
