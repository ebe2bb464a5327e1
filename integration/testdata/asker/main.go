// Asker is an app that asks its sidecars whatever it is asked to:
//
//	/headers                       the headers of the request, as JSON
//	/ask?url=$OPA_URL/v1/data      the answer of a URL to the request's method and body
//	/send?to=$STATSD_ADDR&text=x   sends a text by UDP
//
// Variables of its environment are expanded in url and to.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("/headers", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Powered-By", "asker")
		w.Header().Set("Referrer-Policy", "no-referrer")
		_ = json.NewEncoder(w).Encode(r.Header)
	})
	http.HandleFunc("/ask", func(w http.ResponseWriter, r *http.Request) {
		request, err := http.NewRequestWithContext(r.Context(), r.Method, os.ExpandEnv(r.FormValue("url")), r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		request.Header.Set("Content-Type", r.Header.Get("Content-Type"))
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer answer.Body.Close()
		w.WriteHeader(answer.StatusCode)
		_, _ = io.Copy(w, answer.Body)
	})
	http.HandleFunc("/send", func(w http.ResponseWriter, r *http.Request) {
		connection, err := net.Dial("udp", os.ExpandEnv(r.FormValue("to")))
		if err == nil {
			_, err = fmt.Fprint(connection, r.FormValue("text"))
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
		}
	})
	log.Fatal(http.ListenAndServe(":"+os.Getenv("PORT"), nil))
}
