package guest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"
)

// AgentInfo is what the QEMU guest agent inside the machine tells.
type AgentInfo struct {
	Version  string
	Commands []string
	Hostname string
	Timezone string
	OS       AgentOS
	Users    []AgentUser
	// Filesystems that are mounted.
	Filesystems []AgentFilesystem
	Interfaces  []AgentInterface
	// Frozen is true while the guest holds its file systems still.
	Frozen bool
}

// AgentOS is the guest's operating system.
type AgentOS struct {
	Name          string `json:"name"`
	ID            string `json:"id"`
	PrettyName    string `json:"pretty-name"`
	Version       string `json:"version"`
	VersionID     string `json:"version-id"`
	KernelRelease string `json:"kernel-release"`
	KernelVersion string `json:"kernel-version"`
	Machine       string `json:"machine"`
}

// AgentUser is somebody who is logged in.
type AgentUser struct {
	Name  string  `json:"user"`
	Login float64 `json:"login-time"`
}

// AgentFilesystem is one mounted file system.
type AgentFilesystem struct {
	Name  string `json:"name"`
	Mount string `json:"mountpoint"`
	Type  string `json:"type"`
	Used  int64  `json:"used-bytes"`
	Total int64  `json:"total-bytes"`
}

// AgentInterface is one network interface as the guest sees it.
type AgentInterface struct {
	Name      string `json:"name"`
	MAC       string `json:"hardware-address"`
	Addresses []struct {
		Address string `json:"ip-address"`
		Type    string `json:"ip-address-type"`
	} `json:"ip-addresses"`
	// Statistics are absent where the agent cannot count.
	Statistics *AgentStatistics `json:"statistics"`
}

// errNoAgent is the answer when the guest runs no agent.
var errNoAgent = errors.New("guest agent is not connected")

const (
	agentTimeout = 5 * time.Second
	agentFresh   = 10 * time.Second
)

// agentState is what is remembered of the agent between two questions.
type agentState struct {
	mu    sync.Mutex
	info  *AgentInfo
	asked time.Time
}

// Agent asks the guest's agent what it knows; an answer is good for seconds.
func (g *Guest) Agent(ctx context.Context) (AgentInfo, error) {
	g.agent.mu.Lock()
	defer g.agent.mu.Unlock()
	connected, err := g.agentConnected(ctx)
	if err != nil || !connected {
		g.agent.info = nil
		return AgentInfo{}, errors.Join(errNoAgent, err)
	}
	if time.Since(g.agent.asked) < agentFresh {
		if g.agent.info == nil {
			return AgentInfo{}, errNoAgent
		}
		return *g.agent.info, nil
	}
	g.agent.asked = time.Now()
	info, err := g.askAgent(ctx)
	switch {
	case err == nil:
		if info.Frozen && g.agent.info != nil {
			// A frozen guest's agent tells nothing else; it was told before.
			info = *g.agent.info
			info.Frozen = true
		}
		g.agent.info = &info
	case g.agent.info == nil:
		return AgentInfo{}, err
	}
	// A connected agent that is slow to answer is not gone.
	return *g.agent.info, nil
}

// agentConnected is true while a program in the guest holds the agent's port.
func (g *Guest) agentConnected(ctx context.Context) (bool, error) {
	var ports []struct {
		Label string `json:"label"`
		Open  bool   `json:"frontend-open"`
	}
	if err := g.run(ctx, "query-chardev", nil, &ports); err != nil {
		return false, err
	}
	for _, p := range ports {
		if p.Label == "agent0" {
			return p.Open, nil
		}
	}
	return false, nil
}

func (g *Guest) askAgent(ctx context.Context) (AgentInfo, error) {
	line, err := g.callAgent(ctx)
	if err != nil {
		return AgentInfo{}, err
	}
	defer line.conn.Close()
	var about struct {
		Version  string `json:"version"`
		Commands []struct {
			Name    string `json:"name"`
			Enabled bool   `json:"enabled"`
		} `json:"supported_commands"`
	}
	if err := line.ask("guest-info", nil, &about); err != nil {
		return AgentInfo{}, err
	}
	info := AgentInfo{Version: about.Version}
	for _, c := range about.Commands {
		if c.Enabled {
			info.Commands = append(info.Commands, c.Name)
		}
	}
	var host struct {
		Name string `json:"host-name"`
	}
	var zone struct {
		Name string `json:"zone"`
	}
	var freeze string
	for _, question := range []struct {
		command string
		result  any
	}{
		{"guest-fsfreeze-status", &freeze},
		{"guest-get-host-name", &host},
		{"guest-get-timezone", &zone},
		{"guest-get-osinfo", &info.OS},
		{"guest-get-users", &info.Users},
		{"guest-get-fsinfo", &info.Filesystems},
		{"guest-network-get-interfaces", &info.Interfaces},
	} {
		// A small agent does not know them all; what it knows is shown.
		if err := line.ask(question.command, nil, question.result); err != nil && !isRefusal(err) {
			return AgentInfo{}, err
		}
	}
	info.Hostname, info.Timezone, info.Frozen = host.Name, zone.Name, freeze == "frozen"
	return info, nil
}

// Freeze makes the guest flush its file systems and hold them still.
func (g *Guest) Freeze(ctx context.Context) error {
	return g.command(ctx, "guest-fsfreeze-freeze", nil)
}

// Thaw lets the guest's file systems go on.
func (g *Guest) Thaw(ctx context.Context) error {
	return g.command(ctx, "guest-fsfreeze-thaw", nil)
}

// command makes the agent change something, and forgets what it told before.
func (g *Guest) command(ctx context.Context, name string, arguments any) error {
	g.agent.mu.Lock()
	defer g.agent.mu.Unlock()
	connected, err := g.agentConnected(ctx)
	if err != nil {
		return err
	}
	if !connected {
		return errNoAgent
	}
	line, err := g.callAgent(ctx)
	if err != nil {
		return err
	}
	defer line.conn.Close()
	g.agent.asked = time.Time{}
	return line.ask(name, arguments, nil)
}

// agentLine is an open line to the agent.
type agentLine struct {
	conn  net.Conn
	lines *bufio.Reader
}

// callAgent connects and finds the beginning of the answers: what an earlier
// caller left unread comes before the echo of a number nobody else sent.
func (g *Guest) callAgent(ctx context.Context) (*agentLine, error) {
	conn, err := dial(ctx, g.dir, agentSocket)
	if err != nil {
		return nil, err
	}
	_ = conn.SetDeadline(time.Now().Add(agentTimeout))
	line := &agentLine{conn: conn, lines: bufio.NewReader(conn)}
	id := time.Now().UnixNano() >> 12
	if err := line.send("guest-sync", map[string]any{"id": id}); err != nil {
		_ = conn.Close()
		return nil, err
	}
	for {
		var echo struct {
			Return json.RawMessage `json:"return"`
		}
		data, err := line.lines.ReadBytes('\n')
		if err != nil {
			_ = conn.Close()
			return nil, fmt.Errorf("guest agent: %w", err)
		}
		if json.Unmarshal(bytes.TrimLeft(data, "\xff"), &echo) == nil && string(echo.Return) == fmt.Sprint(id) {
			return line, nil
		}
	}
}

func (l *agentLine) send(command string, arguments any) error {
	request := map[string]any{"execute": command}
	if arguments != nil {
		request["arguments"] = arguments
	}
	data, err := json.Marshal(request)
	if err != nil {
		return fmt.Errorf("guest agent: %s: %w", command, err)
	}
	if _, err := l.conn.Write(append(data, '\n')); err != nil {
		return fmt.Errorf("guest agent: %s: %w", command, err)
	}
	return nil
}

func (l *agentLine) ask(command string, arguments, result any) error {
	if err := l.send(command, arguments); err != nil {
		return err
	}
	data, err := l.lines.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("guest agent: %s: %w", command, err)
	}
	var got answer
	if err := json.Unmarshal([]byte(strings.TrimSpace(string(data))), &got); err != nil {
		return fmt.Errorf("guest agent: %s: %w", command, err)
	}
	return decode(command, got, result)
}

// isRefusal is true for an answer of the agent that says no.
func isRefusal(err error) bool {
	var refusal *qmpError
	return errors.As(err, &refusal)
}
