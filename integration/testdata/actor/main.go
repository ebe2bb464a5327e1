// Command actor plays the parts in which the supervised sidecars' suite has more than
// a shell can do: an app, a proxy, and sidecars that misbehave. It reports on its
// standard output.
package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

func main() {
	var (
		listen   = flag.String("listen", "", "serve HTTP on this `port`, or on that of the variable of this name, at this host:port, or at the Unix socket with this path")
		proxy    = flag.String("proxy", "", "hand everything on to the port in APP_PORT, adding this `name` to the answer's header Passed")
		answers  = flag.String("answers", "", "the `statuses` with which /health answers, separated by commas, the last one for ever")
		mark     = flag.String("mark", "", "make this `file` before /health answers with status 200")
		well     = flag.String("well", "", "have /health answer with status 200 only while there is this `file`")
		token    = flag.String("token", "", "have /health answer with status 401 to whoever does not send the value of the variable of this `name` as bearer token")
		abrupt   = flag.Bool("abrupt", false, "end at SIGTERM at once, whatever is being served")
		linger   = flag.Duration("linger", 0, "go on for so long after SIGTERM")
		farewell = flag.String("farewell", "", "ask this `URL` at the end, and say what it answers")
		eat      = flag.Int("eat", 0, "take so many `MB` of memory")
		flood    = flag.Int("flood", 0, "write so many `lines` of 100 bytes as fast as can be, and end")
		status   = flag.Int("status", 0, "the exit `status` after a flood")
	)
	flag.Parse()
	fmt.Println("pid", os.Getpid())
	if *flood > 0 {
		writeFlood(*flood)
		os.Exit(*status)
	}
	if *eat > 0 {
		take(*eat)
	}
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM)

	server := &http.Server{Handler: stage{answers: strings.Split(cmp.Or(*answers, "200"), ","), mark: *mark, well: *well, token: *token}.handler()}
	if *proxy != "" {
		server.Handler = passOn(*proxy)
	}
	if *listen != "" {
		server.Addr = cmp.Or(os.Getenv(*listen), *listen)
		network := "tcp"
		switch {
		case strings.HasSuffix(server.Addr, ".sock"):
			network = "unix"
		case !strings.Contains(server.Addr, ":"):
			server.Addr = ":" + server.Addr
		}
		go func() {
			fmt.Println("listening on", server.Addr)
			listener, err := net.Listen(network, server.Addr)
			if err == nil {
				err = server.Serve(listener)
			}
			if !errors.Is(err, http.ErrServerClosed) {
				log.Fatal(err)
			}
		}()
	}

	<-ended
	fmt.Println("asked to end")
	time.Sleep(*linger)
	if *farewell != "" {
		fmt.Println("farewell:", ask(*farewell))
	}
	if !*abrupt {
		_ = server.Shutdown(context.Background()) // returns when all has been served
	}
	fmt.Println("ended")
}

// A stage is what an actor serves.
type stage struct {
	answers           []string
	mark, well, token string
}

func (s stage) handler() http.Handler {
	mux := http.NewServeMux()
	var asked atomic.Int64
	mux.HandleFunc("/health", func(w http.ResponseWriter, r *http.Request) {
		n := int(asked.Add(1))
		status, err := strconv.Atoi(s.answers[min(n, len(s.answers))-1])
		if err != nil { // not a number: no answer at all
			fmt.Println("answer", n, "is none")
			time.Sleep(time.Hour)
		}
		if _, err := os.Stat(s.well); s.well != "" && err != nil {
			status = http.StatusServiceUnavailable
		}
		if s.token != "" && r.Header.Get("Authorization") != "Bearer "+os.Getenv(s.token) {
			status = http.StatusUnauthorized
		}
		if status == http.StatusOK && s.mark != "" {
			if err := os.WriteFile(s.mark, nil, 0o600); err != nil {
				log.Fatal(err)
			}
		}
		fmt.Println("answer", n, "is", status)
		w.WriteHeader(status)
	})
	mux.HandleFunc("/env", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, os.Getenv(r.FormValue("name")))
	})
	mux.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) {
		fmt.Println("a slow request has come")
		duration, err := time.ParseDuration(r.FormValue("for"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		time.Sleep(duration)
		fmt.Fprint(w, "slow, but served")
	})
	mux.HandleFunc("/eat", func(w http.ResponseWriter, r *http.Request) {
		number, err := strconv.Atoi(r.FormValue("mb"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		take(number)
		fmt.Fprint(w, "eaten")
	})
	return mux
}

// passOn is a proxy.
func passOn(name string) http.Handler {
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: "127.0.0.1:" + os.Getenv("APP_PORT")})
	proxy.ModifyResponse = func(answer *http.Response) error {
		answer.Header.Set("Passed", strings.TrimSpace(name+" "+answer.Header.Get("Passed")))
		return nil
	}
	return proxy
}

func ask(address string) string {
	answer, err := http.Get(address)
	if err != nil {
		return err.Error()
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, answer.Body) // its status is all that counts
	return answer.Status
}

var taken [][]byte

// take takes memory for good.
func take(mb int) {
	block := make([]byte, mb<<20)
	for i := 0; i < len(block); i += 1 << 10 {
		block[i] = 1
	}
	taken = append(taken, block)
	fmt.Println("has taken", mb, "MB")
}

func writeFlood(lines int) {
	w := bufio.NewWriterSize(os.Stdout, 64<<10)
	for i := range lines {
		text := fmt.Sprintf("flood %d ", i)
		_, _ = w.WriteString(text + strings.Repeat("x", 99-len(text)) + "\n") // what cannot be written is found missing
	}
	_ = w.Flush()
}
