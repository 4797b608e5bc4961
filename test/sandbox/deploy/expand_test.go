package deploy

import "testing"

func TestExpand(t *testing.T) {
	variables := map[string]string{"PORT": "8443", "EMPTY": ""}
	cases := map[string]struct {
		reason string
		text   string
		want   string
	}{
		"Plain":    {reason: "Text without variables stays.", text: "--listen=:80", want: "--listen=:80"},
		"Variable": {reason: "A known variable is replaced.", text: "--listen=:$(PORT)", want: "--listen=:8443"},
		"Twice":    {reason: "Every occurrence is replaced.", text: "$(PORT)-$(PORT)", want: "8443-8443"},
		"Empty":    {reason: "An empty value is a value.", text: "a$(EMPTY)b", want: "ab"},
		"Unknown":  {reason: "Kubernetes leaves unknown names as they are.", text: "$(NAME)/x", want: "$(NAME)/x"},
		"Escaped":  {reason: "A doubled dollar keeps the reference.", text: "$$(PORT)", want: "$(PORT)"},
		"Shell":    {reason: "Only round brackets are references.", text: "${PORT} $PORT", want: "${PORT} $PORT"},
		"Open":     {reason: "A reference without end is text.", text: "a$(PORT", want: "a$(PORT"},
		"End":      {reason: "A dollar at the end is text.", text: "cost 5$", want: "cost 5$"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := expand(tc.text, variables); got != tc.want {
				t.Errorf("%s\nexpand(%q) = %q, want %q", tc.reason, tc.text, got, tc.want)
			}
		})
	}
}

func TestRelocate(t *testing.T) {
	paths := map[string]string{"/etc/tls": "/data/tls", "/var/lib/croft": "/data/lib"}
	cases := map[string]struct {
		reason string
		text   string
		want   string
	}{
		"Flag":    {reason: "A mount after = moves.", text: "--cert-dir=/etc/tls", want: "--cert-dir=/data/tls"},
		"Below":   {reason: "A file of a mount moves.", text: "/etc/tls/tls.crt", want: "/data/tls/tls.crt"},
		"Sibling": {reason: "A directory whose name only begins alike stays.", text: "--dir=/etc/tlsx", want: "--dir=/etc/tlsx"},
		"Inner":   {reason: "A path inside another path stays.", text: "/opt/etc/tls", want: "/opt/etc/tls"},
		"List":    {reason: "Every path of a list moves.", text: "/etc/tls/a,/etc/tls/b:/var/lib/croft", want: "/data/tls/a,/data/tls/b:/data/lib"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := relocate(tc.text, paths); got != tc.want {
				t.Errorf("%s\nrelocate(%q) = %q, want %q", tc.reason, tc.text, got, tc.want)
			}
		})
	}
}
