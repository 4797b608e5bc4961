package source

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
)

// proxies remember which proxies a client was sent through. Whoever runs the site has named them: they may be anywhere.
type proxies struct {
	between  func(*http.Request) (*url.URL, error)
	loopback bool

	mu   sync.Mutex
	seen map[string]bool
}

// of is the proxy for a request, nil for none. A source that is named by an address which is no place to fetch from is
// refused here: the proxy would dial it.
func (p *proxies) of(request *http.Request) (*url.URL, error) {
	proxy, err := p.between(request)
	if proxy == nil || err != nil {
		return nil, err
	}
	if ip, err := netip.ParseAddr(request.URL.Hostname()); err == nil {
		if err := unlessPublic(netip.AddrPortFrom(ip, 0).String(), p.loopback); err != nil {
			return nil, err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.seen == nil {
		p.seen = map[string]bool{}
	}
	p.seen[dialled(proxy)] = true
	return proxy, nil
}

// is says whether an address is that of a proxy.
func (p *proxies) is(address string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.seen[address]
}

// dialled is the address at which a proxy is dialled.
func dialled(proxy *url.URL) string {
	port := proxy.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443", "socks5": "1080", "socks5h": "1080"}[proxy.Scheme]
	}
	return net.JoinHostPort(proxy.Hostname(), port)
}
