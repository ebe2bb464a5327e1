package keep

import (
	"strings"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/printable"
)

const (
	maxShown    = 20  // keys listed in a log line or the status
	maxShownKey = 200 // bytes of each
)

// report logs what a new answer leaves out.
func (k *Keeper) report(s *Subject) {
	current := s.Current()
	if current == nil {
		return
	}
	undecrypted := len(current.Undecrypted)
	sentence := "%d values cannot be decrypted, and are left out: %s."
	if undecrypted == 1 {
		sentence = "%d value cannot be decrypted, and is left out: %s."
	}
	if undecrypted > 0 {
		k.options.Logf(sentence, undecrypted, shown(current.Undecrypted))
	}
	var omitted []string
	for _, one := range current.Omitted {
		omitted = append(omitted, shortened(one.Key)+" ("+one.Reason+")")
	}
	sentence = "%d keys cannot be served by /config, and are left out: %s."
	if len(omitted) == 1 {
		sentence = "%d key cannot be served by /config, and is left out: %s."
	}
	if len(omitted) > 0 {
		k.options.Logf(sentence, len(omitted), shown(omitted))
	}
}

// shown returns a list of the first few texts.
func shown(all []string) string {
	list := strings.Join(all[:min(len(all), maxShown)], ", ")
	if len(all) > maxShown {
		list += " and others"
	}
	return printable.Line(list)
}

func shortened(key string) string {
	if len(key) > maxShownKey {
		return strings.ToValidUTF8(key[:maxShownKey], "") + "…"
	}
	return key
}
