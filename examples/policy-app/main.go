// Policy-app asks its sidecar opa who may see what: GET /documents?user=NAME.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "Hello from policy-app!") })
	http.HandleFunc("/documents", func(w http.ResponseWriter, r *http.Request) {
		allowed, err := allow(r.FormValue("user"))
		switch {
		case err != nil:
			http.Error(w, err.Error(), http.StatusBadGateway)
		case !allowed:
			http.Error(w, "the policy does not allow it", http.StatusForbidden)
		default:
			fmt.Fprintln(w, "the documents")
		}
	})
	log.Println("policy-app is ready")
	log.Fatal(http.ListenAndServe(":"+os.Getenv("PORT"), nil))
}

// allow asks opa for the rule allow of the package documents.
func allow(user string) (bool, error) {
	question, err := json.Marshal(map[string]any{"input": map[string]string{"user": user}})
	if err != nil {
		return false, err
	}
	answer, err := http.Post(os.Getenv("OPA_URL")+"/v1/data/documents/allow", "application/json", bytes.NewReader(question))
	if err != nil {
		return false, fmt.Errorf("failed to ask opa: %w", err)
	}
	defer answer.Body.Close()
	var decision struct{ Result bool }
	if err := json.NewDecoder(answer.Body).Decode(&decision); err != nil {
		return false, fmt.Errorf("failed to read what opa answers: %w", err)
	}
	return decision.Result, nil
}
