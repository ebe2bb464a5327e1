// Telegraf-app is an app whose instances are measured.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "Hello from telegraf-app!") })
	log.Println("telegraf-app is ready")
	log.Fatal(http.ListenAndServe(":"+os.Getenv("PORT"), nil))
}
