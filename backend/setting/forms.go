package setting

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// The types below are the values of settings that are JSON objects, with what each asks of itself.

// rotation is auto-rotate-rke2-certs. Certificates of the cluster last a year.
type rotation struct {
	Enable          bool  `json:"enable"`
	ExpiringInHours int64 `json:"expiringInHours"`
}

const hoursOfAYear = 365 * 24

func (r rotation) check() error {
	return between("expiringInHours", r.ExpiringInHours, 1, hoursOfAYear-1)
}

// target is backup-target.
type target struct {
	Type     string `json:"type"`
	Endpoint string `json:"endpoint"`
	Bucket   string `json:"bucketName"`
	Region   string `json:"bucketRegion"`
	Cert     string `json:"cert"`
	Interval int64  `json:"refreshIntervalInSeconds"`
}

func (t target) check() error {
	if err := between("refreshIntervalInSeconds", t.Interval, 0, seconds); err != nil {
		return err
	}
	switch t.Type {
	case "":
		return nil // none
	case "nfs":
		parsed, err := url.Parse(t.Endpoint)
		if err != nil || parsed.Scheme != "nfs" || parsed.Host == "" || len(parsed.Path) < len("/x") {
			return fmt.Errorf("endpoint must be a share such as nfs://host:/path, not %q", t.Endpoint)
		}
		return nil
	case "s3":
		if err := needed(map[string]string{"bucketName": t.Bucket, "bucketRegion": t.Region}); err != nil {
			return err
		}
		if err := field("endpoint", t.Endpoint, address); err != nil {
			return err
		}
		return field("cert", t.Cert, certificates)
	default:
		return fmt.Errorf("type must be one of s3, nfs, not %q", t.Type)
	}
}

// podSecurity is cluster-pod-security-standard.
type podSecurity struct {
	Enabled bool `json:"enabled"`
}

// registry is containerd-registry.
type registry struct {
	Mirrors map[string]struct {
		Endpoints []string `json:"Endpoints"`
	} `json:"Mirrors"`
}

func (r registry) check() error {
	for of, mirror := range r.Mirrors {
		for _, endpoint := range mirror.Endpoints {
			if err := address(endpoint); err != nil {
				return fmt.Errorf("Mirrors[%q].Endpoints %w", of, err)
			}
		}
	}
	return nil
}

// drivers is csi-driver-config: the snapshot classes of each CSI driver.
type drivers map[string]struct {
	Snapshot string `json:"volumeSnapshotClassName"`
	Backup   string `json:"backupVolumeSnapshotClassName,omitempty"`
}

func (d drivers) check() error {
	for driver, classes := range d {
		if err := errors.Join(
			field("the driver", driver, name),
			field(driver+".volumeSnapshotClassName", classes.Snapshot, name),
			field(driver+".backupVolumeSnapshotClassName", classes.Backup, name),
		); err != nil {
			return err
		}
	}
	return nil
}

// switches is csi-online-expand-validation: yes or no for each CSI driver.
type switches map[string]bool

func (s switches) check() error {
	for driver := range s {
		if err := field("the driver", driver, name); err != nil {
			return err
		}
	}
	return nil
}

// charts is harvester-csi-ccm-versions.
type charts map[string]string

func (c charts) check() error {
	for chart, constraint := range c {
		if err := versions(constraint); err != nil {
			return fmt.Errorf("%s %w", chart, err)
		}
	}
	return nil
}

// proxies is http-proxy.
type proxies harvesterv1.HTTPProxy

func (p proxies) check() error {
	return errors.Join(field("httpProxy", p.HTTP, proxy), field("httpsProxy", p.HTTPS, proxy))
}

// engines is instance-manager-resources: percent of a node's processors for each of Longhorn's engines, as texts.
type engines struct {
	CPU map[string]string `json:"cpu"`
}

func (e engines) check() error {
	const most = 40
	for engine, percent := range e.CPU {
		if engine != "v1" && engine != "v2" {
			return fmt.Errorf("cpu has no engine %q; there is v1 and v2", engine)
		}
		if err := field("cpu."+engine, percent, whole(0, most)); err != nil {
			return err
		}
	}
	return nil
}

// clocks is ntp-servers.
type clocks struct {
	Servers []string `json:"ntpServers"`
}

func (c clocks) check() error {
	for i, server := range c.Servers {
		if err := host(server); err != nil {
			return fmt.Errorf("ntpServers[%d] %w", i, err)
		}
		if slices.Contains(c.Servers[:i], server) {
			return fmt.Errorf("ntpServers[%d] %s is there twice", i, server)
		}
	}
	return nil
}

// shares is rwx-network: the network of Longhorn's replicas, or one of its own.
type shares struct {
	Share   bool  `json:"share-storage-network"`
	Network *vlan `json:"network,omitempty"`
}

func (s shares) check() error {
	if s.Network == nil {
		return nil
	}
	if s.Share {
		return errors.New("network must not be given together with share-storage-network")
	}
	return s.Network.check()
}

// ciphers is ssl-parameters.
type ciphers struct {
	Protocols string `json:"protocols"`
	Ciphers   string `json:"ciphers"`
}

func (c ciphers) check() error {
	known := oneOf("SSLv2", "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")
	for protocol := range strings.FieldsSeq(c.Protocols) {
		if err := field("protocols", protocol, known); err != nil {
			return err
		}
	}
	if (c.Protocols == "") != (c.Ciphers == "") {
		return errors.New("protocols and ciphers belong together; one of them is missing")
	}
	return nil
}

// bundler is support-bundle-image.
type bundler struct {
	Repository string `json:"repository"`
	Tag        string `json:"tag"`
	Pull       string `json:"imagePullPolicy"`
}

func (b bundler) check() error {
	if b == (bundler{}) {
		return nil
	}
	if err := needed(map[string]string{"repository": b.Repository, "tag": b.Tag}); err != nil {
		return err
	}
	return field("imagePullPolicy", b.Pull, oneOf("Always", "IfNotPresent", "Never"))
}

// upgrade is upgrade-config.
type upgrade struct {
	Preload struct {
		Strategy struct {
			Type        string `json:"type"`
			Concurrency int64  `json:"concurrency,omitempty"`
		} `json:"strategy"`
	} `json:"imagePreloadOption"`
	Node struct {
		Strategy struct {
			Mode       string   `json:"mode"`
			PauseNodes []string `json:"pauseNodes,omitempty"`
		} `json:"strategy"`
	} `json:"nodeUpgradeOption"`
	Restore bool   `json:"restoreVM"`
	Timeout string `json:"logReadyTimeout"`
}

func (u upgrade) check() error {
	return errors.Join(
		field("imagePreloadOption.strategy.type", u.Preload.Strategy.Type, oneOf("sequential", "skip", "parallel")),
		between("imagePreloadOption.strategy.concurrency", u.Preload.Strategy.Concurrency, 0, biggestConcurrency),
		field("nodeUpgradeOption.strategy.mode", u.Node.Strategy.Mode, oneOf("auto", "manual")),
		field("logReadyTimeout", u.Timeout, whole(1, minutes)),
	)
}

const biggestConcurrency = 1000

// pools is vip-pools: networks or ranges of addresses, separated by commas, for each namespace, and for "global".
type pools map[string]string

func (p pools) check() error {
	for namespace, networks := range p {
		if err := field(strconv.Quote(namespace), networks, list(pool)); err != nil {
			return err
		}
	}
	return nil
}
