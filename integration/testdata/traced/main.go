// Command traced is an app with OpenTelemetry's SDK: it sends one span, with the resource that
// the SDK makes of the environment, by OTLP in JSON over HTTP.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"

	"go.opentelemetry.io/otel/sdk/resource"
)

type (
	value struct {
		String string `json:"stringValue"`
	}
	attribute struct {
		Key   string `json:"key"`
		Value value  `json:"value"`
	}
)

func main() {
	if err := send(os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT")); err != nil {
		log.Fatal(err)
	}
	select {}
}

func send(endpoint string) error {
	var attributes []attribute
	for _, a := range resource.Environment().Attributes() {
		attributes = append(attributes, attribute{string(a.Key), value{a.Value.Emit()}})
	}
	span := map[string]any{"traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174", "name": "request", "startTimeUnixNano": "1", "endTimeUnixNano": "2"}
	content, err := json.Marshal(map[string]any{"resourceSpans": []any{map[string]any{
		"resource": map[string]any{"attributes": attributes}, "scopeSpans": []any{map[string]any{"spans": []any{span}}},
	}}})
	if err != nil {
		return err
	}
	response, err := http.Post(endpoint+"/v1/traces", "application/json", bytes.NewReader(content))
	if err != nil {
		return err
	}
	defer response.Body.Close()
	fmt.Println("sent:", response.Status)
	return nil
}
