package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kdomanski/iso9660"
	"golang.org/x/crypto/ssh"
)

// TestBoot boots the image as a machine would be: from a raw copy on a larger
// disk, with a NoCloud CD-ROM; and takes from it by serial line and by SSH what
// the seed asked for.
func TestBoot(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "guests")
	if cache := os.Getenv("CROFT_CACHE"); cache != "" {
		out = filepath.Join(cache, "guests")
	} else if home, err := os.UserHomeDir(); err == nil {
		out = filepath.Join(home, ".cache", "croft", "guests")
	}
	if err := run(flags{Out: out}); err != nil {
		t.Fatal(err)
	}
	disk := filepath.Join(dir, "disk.img")
	command(t, "qemu-img", "convert", "-O", "raw", filepath.Join(out, imageName), disk)
	command(t, "qemu-img", "resize", "-q", "-f", "raw", disk, "1G")

	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	seed := seedDisk(t, dir, map[string]string{
		"meta-data": "instance-id: one\nlocal-hostname: web-1\n",
		"user-data": "#cloud-config\nssh_authorized_keys:\n- " + strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key))) + `
users:
- default
- {name: ada, sudo: "ALL=(ALL) NOPASSWD:ALL"}
write_files:
- {path: /etc/motd-of-test, content: aGVsbG8=, encoding: b64, permissions: "0600"}
bootcmd:
- echo booted >> /root/boots
runcmd:
- echo "$(hostname) ran" > /root/ran
- [touch, /root/a file]
`,
	})

	m := boot(t, disk, seed)
	m.expect(t, "croft-guest ready", 2*time.Minute)
	m.expect(t, "root@web-1:~# ", time.Minute)
	m.say(t, "uname -sm\n")
	m.expect(t, "\nLinux x86_64", time.Minute)

	for _, c := range []struct{ reason, user, command, want string }{
		{"The host name is the seed's.", "croft", "hostname", "web-1\n"},
		{"A key at the top of user-data is root's too.", "root", "cat /root/ran", "web-1 ran\n"},
		{"A command may be a list of words.", "root", "ls /root", "a file\nboots\nran\n"},
		{"Files are written with their encoding and mode.", "root", "stat -c %a /etc/motd-of-test; cat /etc/motd-of-test", "600\nhello"},
		{"The keys reach the seed's own users, who may use sudo.", "ada", "sudo id -u", "0\n"},
		{"The root file system fills a larger disk.", "root", "[ $(df -m / | tail -1 | awk '{print $2}') -gt 800 ] && echo large", "large\n"},
	} {
		if got := m.ssh(t, ssh.PublicKeys(signer), c.user, c.command); got != c.want {
			t.Errorf("%s\n%s: got %q, want %q", c.reason, c.command, got, c.want)
		}
	}

	if _, err := io.WriteString(m.agent, `{"execute":"guest-get-host-name"}`+"\n"); err != nil {
		t.Fatal(err)
	}
	answer, err := bufio.NewReader(m.agent).ReadString('\n')
	if err != nil || !strings.Contains(answer, `"host-name": "web-1"`) {
		t.Errorf("The guest agent answers: got %q, %v", answer, err)
	}

	const change = `{"execute":"guest-set-user-password","arguments":{"username":"ada","password":"b3Blbi1TZXNhbWU=","crypted":false}}`
	if _, err := io.WriteString(m.agent, change+"\n"); err != nil {
		t.Fatal(err)
	}
	if answer, err := bufio.NewReader(m.agent).ReadString('\n'); err != nil || !strings.Contains(answer, `"return": {}`) {
		t.Errorf("The guest agent sets a password: got %q, %v", answer, err)
	}
	if got, want := m.ssh(t, ssh.Password("open-Sesame"), "ada", "whoami"), "ada\n"; got != want {
		t.Errorf("The password opens the guest: got %q, want %q", got, want)
	}

	m.monitor(t, "system_powerdown")
	m.wait(t, "the power button turns the guest off", time.Minute)

	again := boot(t, disk, seed)
	again.expect(t, "croft-guest ready", 2*time.Minute)
	if got, want := again.ssh(t, ssh.PublicKeys(signer), "root", "cat /root/boots /root/ran"), "booted\nbooted\nweb-1 ran\n"; got != want {
		t.Errorf("bootcmd runs on every boot and runcmd once: got %q, want %q", got, want)
	}
	again.say(t, "reboot\n")
	again.expect(t, "croft-guest ready", 2*time.Minute)
}

// machine is one running QEMU.
type machine struct {
	cmd     *exec.Cmd
	serial  net.Conn
	control net.Conn
	agent   net.Conn
	port    int
	exited  chan struct{}

	mu   sync.Mutex
	seen bytes.Buffer
}

// boot starts QEMU without acceleration, its sockets in the test's folder.
func boot(t *testing.T, disk, seed string) *machine {
	t.Helper()
	dir := t.TempDir()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m := &machine{port: listener.Addr().(*net.TCPAddr).Port, exited: make(chan struct{})}
	listener.Close()
	ctx, cancel := context.WithCancel(context.Background())
	m.cmd = exec.CommandContext(ctx, "qemu-system-x86_64",
		"-machine", "q35", "-accel", "tcg", "-cpu", "max", "-m", "192", "-display", "none", "-nodefaults", "-vga", "std",
		"-drive", "if=none,id=root,format=raw,file="+disk, "-device", "virtio-blk-pci,drive=root,bootindex=1",
		"-drive", "if=none,id=seed,format=raw,readonly=on,file="+seed, "-device", "virtio-scsi-pci", "-device", "scsi-cd,drive=seed",
		"-netdev", fmt.Sprintf("user,id=net,hostfwd=tcp:127.0.0.1:%d-:22", m.port), "-device", "virtio-net-pci,netdev=net",
		"-chardev", "socket,id=serial,server=on,wait=on,path="+filepath.Join(dir, "serial"), "-serial", "chardev:serial",
		"-device", "virtio-serial-pci", "-chardev", "socket,id=agent,server=on,wait=off,path="+filepath.Join(dir, "agent"),
		"-device", "virtserialport,chardev=agent,name=org.qemu.guest_agent.0",
		"-chardev", "socket,id=control,server=on,wait=off,path="+filepath.Join(dir, "control"), "-mon", "chardev=control,mode=readline")
	m.cmd.Stderr = os.Stderr
	if err := m.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		m.cmd.Wait()
		close(m.exited)
	}()
	t.Cleanup(func() {
		cancel()
		<-m.exited
	})
	m.serial = dial(t, filepath.Join(dir, "serial"))
	m.control = dial(t, filepath.Join(dir, "control"))
	m.agent = dial(t, filepath.Join(dir, "agent"))
	go io.Copy(m, m.serial)
	go io.Copy(io.Discard, m.control)
	return m
}

func dial(t *testing.T, socket string) net.Conn {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		conn, err := net.Dial("unix", socket)
		if err == nil {
			t.Cleanup(func() { conn.Close() })
			return conn
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

// Write takes what the guest says.
func (m *machine) Write(p []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.seen.Write(p)
}

// expect waits until the guest has said the words, and forgets all before.
func (m *machine) expect(t *testing.T, words string, within time.Duration) {
	t.Helper()
	for deadline := time.Now().Add(within); ; time.Sleep(50 * time.Millisecond) {
		m.mu.Lock()
		said := m.seen.String()
		if _, rest, ok := strings.Cut(said, words); ok {
			m.seen.Reset()
			m.seen.WriteString(rest)
			m.mu.Unlock()
			return
		}
		m.mu.Unlock()
		if time.Now().After(deadline) {
			t.Fatalf("the guest did not say %q within %s; it said:\n%s", words, within, said)
		}
	}
}

func (m *machine) say(t *testing.T, words string) {
	t.Helper()
	if _, err := io.WriteString(m.serial, words); err != nil {
		t.Fatal(err)
	}
}

func (m *machine) monitor(t *testing.T, command string) {
	t.Helper()
	if _, err := io.WriteString(m.control, command+"\n"); err != nil {
		t.Fatal(err)
	}
}

func (m *machine) wait(t *testing.T, reason string, within time.Duration) {
	t.Helper()
	select {
	case <-m.exited:
	case <-time.After(within):
		m.mu.Lock()
		defer m.mu.Unlock()
		t.Fatalf("%s: it has not within %s; it said:\n%s", reason, within, m.seen.String())
	}
}

// ssh runs one command in the guest.
func (m *machine) ssh(t *testing.T, by ssh.AuthMethod, user, command string) string {
	t.Helper()
	client, err := ssh.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", m.port), &ssh.ClientConfig{
		User:            user,
		Auth:            []ssh.AuthMethod{by},
		HostKeyCallback: ssh.InsecureIgnoreHostKey(),
		Timeout:         time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	session, err := client.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	out, err := session.CombinedOutput(command)
	if err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
	return string(out)
}

func seedDisk(t *testing.T, dir string, files map[string]string) string {
	t.Helper()
	writer, err := iso9660.NewWriter()
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Cleanup()
	for name, content := range files {
		if err := writer.AddFile(strings.NewReader(content), name); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "seed.iso")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := writer.WriteTo(file, "cidata"); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func command(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}
