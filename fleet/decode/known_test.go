package decode

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// known has a field of every kind that is read without help, and of some that are not.
type known struct {
	Base

	Name    string             `json:"name"`
	Labels  map[string]string  `json:"labels,omitempty"`
	Count   *int               `json:"count"`
	Small   uint32             `json:"small"`
	Words   []string           `json:"words"`
	Yes     bool               `json:"yes"`
	Inner   *known             `json:"inner"`
	List    []Base             `json:"list"`
	Raw     json.RawMessage    `json:"raw"`
	Numbers map[string]float64 `json:"numbers"`
	Left    string             `json:"-"`
}

type Base struct {
	Created time.Time `json:"created,omitzero"`
	Size    int64     `json:"size"`
}

// TestKnown holds that Known reads what JSON reads, and refuses what JSON refuses and is looked at.
func TestKnown(t *testing.T) {
	cases := map[string]struct{ reason, text string }{
		"Plain":    {"all that is asked for, and what is not", ` {"name":"a" , "labels":{"x":"y"},"count":-3,"small":7,"words":["b","c"],"yes":true,"more":{"deep":[1,2,{"a":null,"b":"}]"}]},"list":[{"size":1},{}],"created":"2026-01-01T00:00:00Z"} `},
		"Inner":    {"a kind within itself", `{"inner":{"name":"b","inner":{"name":"c","size":4}}}`},
		"Nulls":    {"nothing there", `{"name":null,"labels":null,"count":null,"words":null,"yes":null,"list":[null],"inner":null,"created":null}`},
		"NullText": {"nothing among texts", `{"labels":{"x":null},"words":[null]}`},
		"Empty":    {"empty is not nothing", `{"labels":{},"words":[],"list":[],"inner":{}}`},
		"Twice":    {"the last one counts", `{"name":"a","name":"b","words":["a","b"],"words":["c"],"labels":{"a":"b"},"labels":{"c":"d"}}`},
		"Escapes":  {"quotes and signs within texts and names", `{"name":"\"a\u00e9\ud83d\ude00\\","words":["\\","\"","é"],"labels":{"\"":"\u0041","\u0041":"\\"},"\u006eame":"b"}`},
		"Many":     {"a million escapes before the end take no longer than as many signs", `{"name":"` + strings.Repeat(`\n`, 1<<20) + `","size":1}`},
		"NoText":   {"bytes that are no text are replaced", "{\"name\":\"a\xffb\",\"labels\":{\"\xff\":\"\xfe\"}}"},
		"Help":     {"what is left to JSON", `{"raw":{"a":[1,"]"]},"numbers":{"a":1.5},"created":"2026-01-01T00:00:00.5+01:00"}`},
		"Garbage":  {"no JSON", `{"name":`}, "Cut": {"an end before the end", `{"name":"a","more":{"b":[`},
		"Nothing": {"no text", ``}, "Blank": {"blank", ` `}, "Word": {"no object", `true`}, "Comma": {"a comma too many", `{"name":"a",}`},
		"Behind": {"something behind the end", `{} {}`}, "Missing": {"a comma missing", `{"name":"a" "size":1}`}, "Colon": {"a colon missing", `{"name" "a"}`},
		"Kind": {"another kind of value", `{"name":7}`}, "KindBool": {"a word that is none", `{"yes":maybe}`}, "KindObject": {"a text for an object", `{"inner":"a"}`},
		"KindList": {"an object for a list", `{"words":{}}`}, "Negative": {"less than nothing", `{"small":-1}`}, "Large": {"too large", `{"small":5000000000}`},
		"Fraction": {"no whole number", `{"size":1.5}`}, "Zero": {"a zero too many", `{"size":007}`}, "Plus": {"a sign too many", `{"size":+7}`},
		"Deep": {"more levels than anybody has", strings.Repeat(`{"inner":`, 20000) + `1` + strings.Repeat(`}`, 20000)},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) { same(t, tc.reason, []byte(tc.text)) })
	}
}

// same reads a text with both.
func same(t *testing.T, reason string, text []byte) {
	t.Helper()
	var ours, theirs known
	err, failed := Known(text, &ours), JSON(text, &theirs)
	if (err == nil) != (failed == nil) {
		t.Fatalf("%s: %v, and JSON says %v, of %.200q", reason, err, failed, text)
	}
	if diff := cmp.Diff(theirs, ours); err == nil && diff != "" {
		t.Fatalf("%s (-JSON +Known) of %.200q\n%s", reason, text, diff)
	}
}

// TestKnownRandom reads much that is JSON, whatever it says.
func TestKnownRandom(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1)) //nolint:gosec // the same in every run
	for range 20_000 {
		text := valueOf(random, 4)
		if random.IntN(2) == 0 {
			text = objectOf(random, 4)
		}
		if !json.Valid([]byte(text)) {
			t.Fatalf("no JSON: %s", text)
		}
		same(t, "at random", []byte(text))
	}
}

func objectOf(random *rand.Rand, deep int) string {
	var fields []string
	names := []string{"name", "labels", "count", "small", "words", "yes", "inner", "list", "raw", "created", "size", "other", `\u006eame`, "numbers"}
	for range random.IntN(4) {
		name := names[random.IntN(len(names))]
		value := valueOf(random, deep-1)
		switch {
		case random.IntN(4) == 0:
		case name == "name" || name == "other":
			value = `"a"`
		case name == "words":
			value = `["a" , "b\n"]`
		case name == "size" || name == "count":
			value = " 12 "
		case name == "labels" || name == "inner":
			value = objectOf(random, deep-1)
		}
		fields = append(fields, `"`+name+`"`+[]string{":", " : "}[random.IntN(2)]+value)
	}
	return "{" + strings.Join(fields, []string{",", " ,\n"}[random.IntN(2)]) + "}"
}

func valueOf(random *rand.Rand, deep int) string {
	plain := []string{`"a"`, `"\"]}"`, `"é"`, "true", "false", "null", "0", "-1", "1.5", "2e3", "[]", "{}", `"2026-01-01T00:00:00Z"`, "99999999999999999999"}
	if deep > 0 && random.IntN(3) > 0 {
		switch random.IntN(2) {
		case 0:
			return objectOf(random, deep)
		default:
			return "[" + valueOf(random, deep-1) + ", " + valueOf(random, deep-1) + "]"
		}
	}
	return plain[random.IntN(len(plain))]
}
