package memory_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/sclevine/spec"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/memory"
)

func testParse(t *testing.T, context spec.G, it spec.S) {
	var Expect = NewWithT(t).Expect

	sizes := map[string]memory.Size{
		"1": 1, "128": 128, "0": 0, "0128": 128, " 128\t": 128, "2147483647": memory.Max,
		"128M": 128, "128m": 128, "128MB": 128, "128mb": 128, "128MiB": 128, "128mIb": 128, "\n128M ": 128,
		"1G": 1 << 10, "2gb": 2 << 10, "3GiB": 3 << 10, "1T": 1 << 20, "1TB": 1 << 20, "1tib": 1 << 20, "2047T": 2047 << 20,
		"1024K": 1, "1024KB": 1, "1023KiB": 0, "512K": 0, "2047k": 1,
		"1048576B": 1, "1048575B": 0, "2097151b": 1, "0B": 0,
		"1.5G": 1536, "0.5M": 0, "1.999M": 1, "0.0009765625G": 1, "2147483647.9M": memory.Max,
		"00000000000000000000000000000000000000000000000000000000128M": 128,
	}
	for _, text := range slices.Sorted(maps.Keys(sizes)) {
		size := sizes[text]
		it(fmt.Sprintf("CF-30 reads %q as %d MB", text, size), func() {
			Expect(memory.Parse(text)).To(Equal(size))
		})
	}

	it("CF-30 wants a unit outside of the sidecars block", func() {
		Expect(memory.ParseWithUnit(" 1.5g ")).To(Equal(memory.Size(1536)))

		_, err := memory.ParseWithUnit("128")
		Expect(err).To(MatchError(`found "128"; expected a size with a unit: B, K, KB, M, MB, G, GB, T, or TB`))
	})

	context("failure cases", func() {
		const (
			size     = "a size such as 128M or 1G (units B, K, M, G, T), or a bare number of MB"
			positive = "a size above zero"
			maximum  = "at most 2147483647M"
		)
		for _, broken := range []struct{ text, want string }{
			{"", size}, {" ", size}, {"M", size}, {"abc", size}, {"128 M", size}, {"128X", size}, {"128MM", size},
			{"1,5G", size}, {".5G", size}, {"5.G", size}, {"1.5", size}, {"1e3M", size}, {"0x10", size}, {"+1M", size},
			{"128M\n1", size}, {"１２８M", size}, {"128bits", size}, {"1_000", size}, {"--1M", size}, {"1P", size}, {"\x00", size}, {"\xff", size},
			{"-1", positive}, {"-1M", positive}, {"-0.5G", positive}, {"-512K", positive},
			{"2147483648", maximum}, {"2048T", maximum}, {"9223372036854775808", maximum}, {"99999999999999999999999G", maximum},
		} {
			it(fmt.Sprintf("CF-30 refuses %q", broken.text), func() {
				_, err := memory.Parse(broken.text)
				Expect(err).To(MatchError(fmt.Sprintf("found %q; expected %s", broken.text, broken.want)))

				var invalid *memory.ParseError
				Expect(errors.As(err, &invalid)).To(BeTrue())
				Expect(*invalid).To(Equal(memory.ParseError{Found: broken.text, Want: broken.want}))
			})
		}

		it("shows no more of a long text than tells which one is meant", func() {
			_, err := memory.Parse(strings.Repeat("9", 10_000_000))
			Expect(err).To(MatchError(`found "` + strings.Repeat("9", 40) + `…"; expected ` + size))
		})
	})
}

// FuzzParse shows that whatever is read lies between zero and the greatest
// size, and is read back from what it is printed as.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", "128", "1.5G", "512K", "-1M", "1TiB", "2048T", "1e9", "0.0000000000001T", "１M", "1\x00M", " 7b "} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		size, err := memory.Parse(text)
		var invalid *memory.ParseError
		switch {
		case errors.As(err, &invalid):
			if invalid.Found != text || invalid.Want == "" || size != 0 {
				t.Errorf("found %d, %#v", size, invalid)
			}
			return
		case err != nil:
			t.Fatalf("found the error %T; expected a ParseError", err)
		case size < 0 || size > memory.Max:
			t.Errorf("found %d", size)
		}
		for _, printed := range []string{size.String(), size.EnvString()} {
			if again, err := memory.Parse(printed); err != nil || again != size {
				t.Errorf("found %d, %v from %q; expected %d", again, err, printed, size)
			}
		}
		if with, err := memory.ParseWithUnit(text); err == nil && with != size {
			t.Errorf("found %d with a unit; expected %d", with, size)
		}
	})
}
