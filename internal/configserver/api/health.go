package api

import (
	"net/http"
	"strconv"
	"time"

	"encoding/json"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// health is the answer to /health. It has no value and no credential.
type health struct {
	Status string `json:"status"`
	// Sources are missing if there are none but CONFIG_SERVER_CONFIG.
	Sources     []sourceHealth `json:"sources,omitempty"`
	Undecrypted int            `json:"undecrypted,omitempty"` // values that are left out
	// Omitted are keys that are left out for another reason, by name.
	Omitted []environment.Omission `json:"omitted,omitempty"`
}

type sourceHealth struct {
	Name  string `json:"name"`
	State string `json:"state"` // described with keep.SourceStatus
	Age   int    `json:"age"`   // of its answer, in seconds
	Error string `json:"error,omitempty"`
}

// serveHealth answers with 503 until every source has given its first answer.
func (h *Handler) serveHealth(response http.ResponseWriter) {
	status := h.settings.Keeper.Status()
	answer, code := health{Status: "UP", Undecrypted: status.Undecrypted, Omitted: status.Omitted}, http.StatusOK
	if !status.Ready {
		answer.Status, code = "STARTING", http.StatusServiceUnavailable
	}
	if h.settings.Raw == nil {
		for _, one := range status.Sources {
			answer.Sources = append(answer.Sources, sourceHealth{one.Name, one.State, int(one.Age / time.Second), one.Error})
		}
	}
	body, err := json.Marshal(answer)
	if err != nil {
		body = []byte(`{"status":"DOWN"}`) // texts are never refused
	}
	header := response.Header()
	header.Set("Content-Type", jsonType)
	header.Set("Content-Length", strconv.Itoa(len(body)))
	header["Cache-Control"] = noStore
	response.WriteHeader(code)
	_, _ = response.Write(body) // a failure means that the client has gone
}
