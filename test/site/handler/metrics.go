package handler

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	kubevirtv1 "kubevirt.io/api/core/v1"

	"crofthci.io/croft/test/site/guest"
)

const (
	// metricsPort is where every virt-handler tells what it counts, on its node's address.
	metricsPort = 8443
	// metricsPatience is how long all machines of a node may take to be asked.
	metricsPatience = 5 * time.Second
)

// counted describes one of KubeVirt's metrics of a machine, by the name that it has there
// (https://kubevirt.io/monitoring/metrics.html).
func counted(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("kubevirt_vmi_"+name, help, append([]string{"node", "namespace", "name"}, labels...), nil)
}

var (
	countedCPU       = counted("cpu_usage_seconds_total", "Total CPU time spent in all modes (sum of both vcpu and hypervisor usage).")
	countedAvailable = counted("memory_available_bytes", "Amount of usable memory as seen by the domain.")
	countedUsable    = counted("memory_usable_bytes", "The amount of memory which can be reclaimed by balloon without pushing the guest system to swap.")
	countedRead      = counted("storage_read_traffic_bytes_total", "Total number of bytes read from storage.", "drive")
	countedWritten   = counted("storage_write_traffic_bytes_total", "Total number of written bytes.", "drive")
	countedReceived  = counted("network_receive_bytes_total", "Total network traffic received in bytes.", "interface")
	countedSent      = counted("network_transmit_bytes_total", "Total network traffic transmitted in bytes.", "interface")
)

// metrics answers a scrape of a node.
func (h *handler) metrics(n int) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(&nodeCounter{h, n})
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	return mux
}

// nodeCounter counts what the machines of one node use. One that is a state only uses nothing.
type nodeCounter struct {
	h *handler
	n int
}

// Describe sends nothing: which series there are follows from the machines.
func (c *nodeCounter) Describe(chan<- *prometheus.Desc) {}

// Collect asks each machine.
func (c *nodeCounter) Collect(into chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), metricsPatience)
	defer cancel()
	machines := &kubevirtv1.VirtualMachineInstanceList{}
	if err := c.h.cache.List(ctx, machines); err != nil {
		c.h.site.Log.Warn("metrics", "error", err)
		return
	}
	for i := range machines.Items {
		vmi := &machines.Items[i]
		dom := c.h.domains.get(place{vmi.UID, c.h.site.NodeName(c.n)})
		if dom == nil || nodeOf(vmi) != c.h.site.NodeName(c.n) {
			continue
		}
		usage, err := dom.usage(ctx)
		switch {
		case err == nil:
			tell(into, vmi, usage)
		case !errors.Is(err, errSimulated):
			c.h.site.Log.Warn("metrics", "machine", vmi.Namespace+"/"+vmi.Name, "error", err)
		}
	}
}

// tell sends what one machine has used.
func tell(into chan<- prometheus.Metric, vmi *kubevirtv1.VirtualMachineInstance, usage guest.Usage) {
	send := func(what *prometheus.Desc, kind prometheus.ValueType, value float64, labels ...string) {
		into <- prometheus.MustNewConstMetric(what, kind, value, append([]string{nodeOf(vmi), vmi.Namespace, vmi.Name}, labels...)...)
	}
	send(countedCPU, prometheus.CounterValue, usage.CPU.Seconds())
	if usage.MemoryTotal > 0 {
		send(countedAvailable, prometheus.GaugeValue, float64(usage.MemoryTotal))
		send(countedUsable, prometheus.GaugeValue, float64(usage.MemoryUsable))
	}
	for disk, used := range usage.Disks {
		send(countedRead, prometheus.CounterValue, float64(used.Read), disk)
		send(countedWritten, prometheus.CounterValue, float64(used.Written), disk)
	}
	for i, iface := range vmi.Spec.Domain.Devices.Interfaces {
		if used, told := usage.NICs[macOf(vmi, i)]; told {
			send(countedReceived, prometheus.CounterValue, float64(used.Received), iface.Name)
			send(countedSent, prometheus.CounterValue, float64(used.Sent), iface.Name)
		}
	}
}
