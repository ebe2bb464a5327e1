// Spire-app says where it would ask for its identity: GET /.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "Hello from spire-app! My identity is at "+os.Getenv("SPIFFE_ENDPOINT_SOCKET"))
	})
	log.Println("spire-app is ready")
	log.Fatal(http.ListenAndServe(":"+os.Getenv("PORT"), nil))
}
