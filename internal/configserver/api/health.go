package api

import (
	"net/http"
	"strconv"
	"time"

	"encoding/json"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
)

// health is the body of /health. It contains no value and no credential.
type health struct {
	Status string `json:"status"`
	// Sources is left out if CONFIG_SERVER_CONFIG is the only source.
	Sources     []sourceHealth `json:"sources,omitempty"`
	Undecrypted int            `json:"undecrypted,omitempty"` // number of values left out because they could not be decrypted
	// Omitted lists keys that are left out for another reason, by name.
	Omitted []environment.Omission `json:"omitted,omitempty"`
}

type sourceHealth struct {
	Name  string `json:"name"`
	State string `json:"state"` // see keep.SourceStatus
	Age   int    `json:"age"`   // of the source's answer, in seconds
	Error string `json:"error,omitempty"`
}

// serveHealth answers 503 until every source has given its first answer.
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
		body = []byte(`{"status":"DOWN"}`) // marshaling strings cannot fail
	}
	header := response.Header()
	header.Set("Content-Type", jsonType)
	header.Set("Content-Length", strconv.Itoa(len(body)))
	header["Cache-Control"] = noStore
	response.WriteHeader(code)
	_, _ = response.Write(body) // an error means that the client has disconnected
}
