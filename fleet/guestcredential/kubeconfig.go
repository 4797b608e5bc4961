package guestcredential

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"time"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// life is from when until when a credential is good. An end of zero is none.
type life struct {
	begin, end time.Time
}

// renewal is when a credential is asked for anew: when two thirds of its life are over, and at the latest after longest, so
// that what was changed at the site meanwhile is noticed, such as its authority, its address or an account that was deleted.
func (l life) renewal(now time.Time, longest time.Duration) time.Duration {
	if l.end.IsZero() {
		return longest
	}
	begin := l.begin
	if begin.IsZero() || begin.After(now) {
		begin = now
	}
	return min(longest, max(begin.Add(l.end.Sub(begin)*2/3).Sub(now), soonest))
}

// earlier is the sooner of two ends; one of zero is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// inspect reads what a site has answered. It refuses what is no kubeconfig for the namespace: the cloud provider would look
// for its machines elsewhere.
func inspect(kubeconfig []byte, namespace string) (life, error) {
	config, err := clientcmd.Load(kubeconfig)
	if err != nil {
		return life{}, fmt.Errorf("it is no kubeconfig: %w", err)
	}
	context := config.Contexts[config.CurrentContext]
	if context == nil || config.Clusters[context.Cluster] == nil || config.AuthInfos[context.AuthInfo] == nil {
		return life{}, errors.New("its current context leads nowhere")
	}
	if context.Namespace != namespace {
		return life{}, fmt.Errorf("it is for the namespace %q", context.Namespace)
	}
	return lifeOf(config.AuthInfos[context.AuthInfo])
}

func lifeOf(who *clientcmdapi.AuthInfo) (life, error) {
	switch {
	case who.Exec != nil || who.AuthProvider != nil || who.TokenFile != "" || who.ClientCertificate != "" || who.ClientKey != "":
		return life{}, errors.New("it would have the nodes run a program or read a file of their own")
	case who.Token != "":
		return lifeOfToken(who.Token), nil
	case len(who.ClientCertificateData) > 0:
		return lifeOfCertificate(who.ClientCertificateData)
	default:
		return life{}, errors.New("it has neither a token nor a certificate")
	}
}

// lifeOfToken reads the claims of a service account's token, without asking whose signature it bears: this is about when to
// ask again, and no right hangs on it. Of another kind of token nothing is known.
func lifeOfToken(token string) life {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return life{}
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return life{}
	}
	var claims struct {
		Issued  float64 `json:"iat"`
		Expires float64 `json:"exp"`
	}
	if json.Unmarshal(text, &claims) != nil || claims.Expires <= 0 {
		return life{}
	}
	l := life{end: time.Unix(int64(claims.Expires), 0)}
	if claims.Issued > 0 {
		l.begin = time.Unix(int64(claims.Issued), 0)
	}
	return l
}

func lifeOfCertificate(text []byte) (life, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return life{}, errors.New("its certificate is none")
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return life{}, fmt.Errorf("its certificate cannot be read: %w", err)
	}
	return life{begin: certificate.NotBefore, end: certificate.NotAfter}, nil
}
