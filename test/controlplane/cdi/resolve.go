package main

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/kubernetes"
)

// dnsRights lets the upload proxy read what the cluster's DNS reads.
func (i *installer) dnsRights(ctx context.Context) error {
	const name = "cdi-uploadproxy-dns"
	if err := i.cluster.Object(ctx, &rbacv1.ClusterRole{
		TypeMeta:   metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: "ClusterRole"},
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Rules:      []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"services", "pods"}, Verbs: []string{"get", "list"}}},
	}); err != nil {
		return err
	}
	return i.cluster.Object(ctx, &rbacv1.ClusterRoleBinding{
		TypeMeta:   metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: "ClusterRoleBinding"},
		ObjectMeta: metav1.ObjectMeta{Name: name},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: namespace, Name: "cdi-uploadproxy"}},
	})
}

// resolveServices makes this process find pods by the names of their services,
// name.namespace.svc, as a pod finds them by the cluster's DNS: there is none
// on loopback, and the upload proxy knows its servers by such names. It answers
// every question inside the process, so names outside are unknown from then on.
func resolveServices(core kubernetes.Interface) {
	net.DefaultResolver = &net.Resolver{
		PreferGo: true,
		Dial: func(context.Context, string, string) (net.Conn, error) {
			client, server := net.Pipe()
			go answer(server, core)
			return client, nil
		},
	}
}

// answer serves one conversation in DNS as it is over TCP: messages after
// their lengths.
func answer(conn net.Conn, core kubernetes.Interface) {
	defer conn.Close()
	for {
		var length uint16
		if binary.Read(conn, binary.BigEndian, &length) != nil {
			return
		}
		question := make([]byte, length)
		if _, err := io.ReadFull(conn, question); err != nil {
			return
		}
		reply, err := reply(question, core)
		if err != nil {
			return
		}
		if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(reply))), reply...)); err != nil {
			return
		}
	}
}

func reply(question []byte, core kubernetes.Interface) ([]byte, error) {
	var m dnsmessage.Message
	if err := m.Unpack(question); err != nil {
		return nil, err
	}
	if len(m.Questions) != 1 {
		return nil, errors.New("a DNS message has one question")
	}
	m.Response, m.Authoritative, m.Additionals = true, true, nil
	q := m.Questions[0]
	address, err := podOf(q.Name.String(), core)
	if err != nil {
		m.RCode = dnsmessage.RCodeNameError
	} else if q.Type == dnsmessage.TypeA {
		m.Answers = []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 1},
			Body:   &dnsmessage.AResource{A: address.As4()},
		}}
	}
	return m.Pack()
}

// podOf is the address of a pod behind a service.
func podOf(name string, core kubernetes.Interface) (netip.Addr, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	parts := strings.Split(strings.TrimSuffix(name, "."), ".")
	if len(parts) < 3 || parts[2] != "svc" {
		return netip.Addr{}, errors.New("not a service: " + name)
	}
	service, err := core.CoreV1().Services(parts[1]).Get(ctx, parts[0], metav1.GetOptions{})
	if err != nil {
		return netip.Addr{}, err
	}
	pods, err := core.CoreV1().Pods(parts[1]).List(ctx, metav1.ListOptions{
		LabelSelector: labels.SelectorFromSet(service.Spec.Selector).String(),
	})
	if err != nil {
		return netip.Addr{}, err
	}
	for _, pod := range pods.Items {
		if address, err := netip.ParseAddr(pod.Status.PodIP); err == nil && address.Is4() {
			return address, nil
		}
	}
	return netip.Addr{}, errors.New("no pod answers for " + name)
}
