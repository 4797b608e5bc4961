package controlplane

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

// Block is a range of ports, both ends included.
type Block struct{ First, Last int }

// AllPorts lie below Linux' range of ephemeral ports (32768 and up), so that no
// outgoing connection sits on a remembered port when a cluster comes back.
var AllPorts = Block{20000, 32767}

// Part is the i-th of n equal parts of a block, i from 0.
func (b Block) Part(i, n int) Block {
	size := (b.Last - b.First + 1) / n
	return Block{b.First + i*size, b.First + (i+1)*size - 1}
}

// Ports are the ports of one cluster on 127.0.0.1, by what listens there.
type Ports map[string]int

// Listeners are the names that a cluster needs ports for.
var Listeners = []string{
	"etcd", "etcd-peer", "kube-apiserver", "kube-controller-manager", "kube-scheduler",
	"virt-api", "virt-controller", "cdi-apiserver", "cdi-controller", "cdi-uploadproxy",
}

// Choose gives every name without a port a free one of the block that nothing
// else in this map and none of the others has. Seed makes the choice likely the same for the
// same caller and different for others.
func (p Ports) Choose(block Block, seed uint64, others []Ports, names ...string) error {
	taken := map[int]bool{}
	for _, ports := range append([]Ports{p}, others...) {
		for _, port := range ports {
			taken[port] = true
		}
	}
	random := rand.New(rand.NewPCG(seed, 0))
	for _, name := range names {
		if p[name] != 0 {
			continue
		}
		port, err := freePort(block, random, taken)
		if err != nil {
			return fmt.Errorf("port of %s: %w", name, err)
		}
		p[name], taken[port] = port, true
	}
	return nil
}

// freePort finds a port nobody listens on and that is not in taken.
func freePort(block Block, random *rand.Rand, taken map[int]bool) (int, error) {
	for range 1000 {
		port := block.First + random.IntN(block.Last-block.First+1)
		if !taken[port] && PortFree(port) == nil {
			return port, nil
		}
	}
	return 0, errors.New("1000 tries found none free")
}

// PortFree says whether a server could listen on the port of 127.0.0.1 now.
func PortFree(port int) error {
	listener, err := net.Listen("tcp", Address(port))
	if err != nil {
		return err
	}
	return listener.Close()
}

// Address is the port on 127.0.0.1, as host:port.
func Address(port int) string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}
