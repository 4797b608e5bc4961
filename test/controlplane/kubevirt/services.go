package main

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"
)

// virtAPIService is the Service through which the API server reaches virt-api.
const virtAPIService = "virt-api"

// services points the API server at a virt-api that listens on localhost: the
// Service becomes an alias of localhost, and the port goes where it is called
// from. The name stays, so upstream's own certificate fits. What belongs to the
// operator's process is left out, because no such process runs.
func (o *operator) services(ctx context.Context, port int) error {
	for _, service := range o.strategy.Services() {
		if service.Name != virtAPIService {
			continue
		}
		service.Spec = corev1.ServiceSpec{Type: corev1.ServiceTypeExternalName, ExternalName: "localhost"}
		if err := o.cluster.Object(ctx, service); err != nil {
			return err
		}
	}
	for _, service := range o.strategy.APIServices() {
		service.Spec.Service.Port = ptr.To(int32(port))
		if err := o.cluster.Object(ctx, service); err != nil {
			return err
		}
	}
	return o.webhooks(ctx, ptr.To(int32(port)))
}

func (o *operator) webhooks(ctx context.Context, port *int32) error {
	for _, configuration := range o.strategy.MutatingWebhookConfigurations() {
		ours := configuration.Webhooks[:0]
		for _, webhook := range configuration.Webhooks {
			if webhook.ClientConfig.Service.Name == virtAPIService {
				webhook.ClientConfig.Service.Port = port
				ours = append(ours, webhook)
			}
		}
		if configuration.Webhooks = ours; len(ours) == 0 {
			continue
		}
		if err := o.cluster.Object(ctx, configuration); err != nil {
			return err
		}
	}
	for _, configuration := range o.strategy.ValidatingWebhookConfigurations() {
		ours := configuration.Webhooks[:0]
		for _, webhook := range configuration.Webhooks {
			if webhook.ClientConfig.Service.Name == virtAPIService {
				webhook.ClientConfig.Service.Port = port
				ours = append(ours, webhook)
			}
		}
		if configuration.Webhooks = ours; len(ours) == 0 {
			continue
		}
		if err := o.cluster.Object(ctx, configuration); err != nil {
			return err
		}
	}
	return nil
}
