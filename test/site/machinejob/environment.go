package machinejob

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	corev1 "k8s.io/api/core/v1"
)

// environment is the container's: what the image says, where the API server is, and what the pod says.
func (j job) environment(ctx context.Context) ([]string, error) {
	server, err := url.Parse(j.site.Config.Host)
	if err != nil {
		return nil, fmt.Errorf("environment: %w", err)
	}
	env := []string{
		"PATH=" + programs, "HOME=" + home, "HOSTNAME=" + j.pod.Name, "SSL_CERT_DIR=/etc/rancher/ssl",
		"KUBERNETES_SERVICE_HOST=" + server.Hostname(), "KUBERNETES_SERVICE_PORT=" + server.Port(),
	}
	for _, source := range j.container.EnvFrom {
		if source.SecretRef == nil {
			return nil, errors.New("a source of the environment that is no secret is not played")
		}
		held, err := j.secret(ctx, source.SecretRef.Name, source.SecretRef.Optional)
		if err != nil {
			return nil, fmt.Errorf("environment: %w", err)
		}
		for key, value := range held {
			env = append(env, source.Prefix+key+"="+string(value))
		}
	}
	for _, variable := range j.container.Env {
		value, err := j.value(ctx, variable)
		if err != nil {
			return nil, fmt.Errorf("environment %s: %w", variable.Name, err)
		}
		env = append(env, variable.Name+"="+value)
	}
	return env, nil
}

func (j job) value(ctx context.Context, variable corev1.EnvVar) (string, error) {
	switch from := variable.ValueFrom; {
	case from == nil:
		return variable.Value, nil
	case from.SecretKeyRef != nil:
		held, err := j.secret(ctx, from.SecretKeyRef.Name, from.SecretKeyRef.Optional)
		return string(held[from.SecretKeyRef.Key]), err
	default:
		return "", errors.New("a value that comes from elsewhere than a secret is not played")
	}
}
