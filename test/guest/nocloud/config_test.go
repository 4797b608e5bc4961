package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

func TestParseUserData(t *testing.T) {
	for name, c := range map[string]struct {
		reason string
		in     string
		want   userData
	}{
		"Empty": {reason: "A machine without user-data asks for nothing.", want: userData{}},
		"Script": {
			reason: "What begins as a script is one.",
			in:     "#!/bin/sh\ntrue\n",
			want:   userData{script: []byte("#!/bin/sh\ntrue\n")},
		},
		"Commands": {
			reason: "A line goes to the shell; a list's words, also numbers, go to the program.",
			in:     "#cloud-config\nruncmd:\n- echo a b\n- [sleep, 1]\n",
			want:   userData{RunCommands: []command{{"/bin/sh", "-c", "echo a b"}, {"sleep", "1"}}},
		},
		"Users": {
			reason: "A user is a bare name or a map.",
			in:     "users: [default, {name: ada, ssh_authorized_keys: [k]}]",
			want:   userData{Users: []user{{Name: "default"}, {Name: "ada", SSHAuthorizedKeys: []string{"k"}}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parseUserData([]byte(c.in))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(userData{})); diff != "" {
				t.Errorf("%s\n-want +got:\n%s", c.reason, diff)
			}
		})
	}
}

func TestHostname(t *testing.T) {
	for name, c := range map[string]struct {
		reason string
		meta   metaData
		data   userData
		want   string
	}{
		"Platform": {reason: "KubeVirt names the machine in meta-data.", meta: metaData{LocalHostname: "web"}, want: "web"},
		"User":     {reason: "The user's word goes first.", meta: metaData{LocalHostname: "web"}, data: userData{Hostname: "db"}, want: "db"},
		"Domain":   {reason: "A host name ends at its first dot.", data: userData{FQDN: "db.example.org"}, want: "db"},
		"None":     {reason: "Nobody said anything.", want: ""},
	} {
		if got := hostname(c.meta, c.data); got != c.want {
			t.Errorf("%s: %s got %q, want %q", name, c.reason, got, c.want)
		}
	}
}

func TestAddresses(t *testing.T) {
	cards := []link{{name: "eth0", mac: "02:00:00:00:00:01"}, {name: "eth1", mac: "02:00:00:00:00:02"}}
	for name, c := range map[string]struct {
		reason, in string
		want       []string
	}{
		"DHCP":       {reason: "Without an address, DHCP.", in: "version: 2\nethernets: {eth0: {dhcp4: true}}"},
		"ByName":     {reason: "Version 2 names a card.", in: "version: 2\nethernets: {eth1: {addresses: [10.0.0.2/24], gateway4: 10.0.0.1}}", want: []string{"eth1 10.0.0.2/24 10.0.0.1"}},
		"ByMAC":      {reason: "Version 2 matches a card.", in: "network: {ethernets: {id0: {match: {macaddress: '02:00:00:00:00:01'}, addresses: [10.0.0.3/24]}}}", want: []string{"eth0 10.0.0.3/24 -"}},
		"VersionOne": {reason: "Version 1 has subnets.", in: "version: 1\nconfig: [{type: physical, name: eth0, subnets: [{type: static, address: 10.0.0.4/24}]}]", want: []string{"eth0 10.0.0.4/24 -"}},
	} {
		var parsed networkConfig
		if err := yaml.Unmarshal([]byte(c.in), &parsed); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, addresses(parsed, cards)); diff != "" {
			t.Errorf("%s: %s\n-want +got:\n%s", name, c.reason, diff)
		}
	}
}

func TestLabel(t *testing.T) {
	iso := make([]byte, 64<<10)
	copy(iso[0x8001:], "CD001")
	copy(iso[0x8028:], "cidata                          ")
	fat := make([]byte, 512)
	fat[510], fat[511] = 0x55, 0xAA
	copy(fat[43:], "CIDATA     FAT16   ")
	for name, c := range map[string]struct {
		head []byte
		want string
	}{"ISO 9660": {iso, "cidata"}, "FAT": {fat, "CIDATA"}, "Nothing": {make([]byte, 4096), ""}, "NoMedium": {nil, ""}} {
		if got := label(c.head); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestCanonical(t *testing.T) {
	for in, want := range map[string]string{"USER_DATA.;1": "user-data", "meta-data": "meta-data", "NETWORK_.;1": "network-"} {
		if got := canonical(in); got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
}

func TestDecode(t *testing.T) {
	cases := map[string]struct {
		reason string
		file   writeFile
		want   string
	}{
		"Plain":  {"what says no encoding is as it stands", writeFile{Content: "a"}, "a"},
		"Base64": {"binary files", writeFile{Content: "YQ==", Encoding: "b64"}, "a"},
		"Gzip": {"rancher-machine's install script", writeFile{
			Content: "H4sIAAAAAAAA/wAAAP//Sk3OyFfIzCsuSczJSU1RsNMvyS3QTy7KTyvRhYtyAQIAAP//ZE7cNSUAAAA=", Encoding: "gzip+b64",
		}, "echo installed >/tmp/croft-installed\n"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := decode(tc.file)
			if err != nil || string(got) != tc.want {
				t.Errorf("%s: %q, %v", tc.reason, got, err)
			}
		})
	}
}
