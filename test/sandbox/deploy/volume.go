package deploy

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// mounts lays the volumes of a container out as directories under dir and maps
// the path a container sees to the directory that holds it here.
func (c *Cluster) mounts(ctx context.Context, pod *corev1.Pod, container corev1.Container, dir string) (map[string]string, error) {
	paths := map[string]string{}
	for _, mount := range container.VolumeMounts {
		for _, volume := range pod.Spec.Volumes {
			if volume.Name != mount.Name {
				continue
			}
			at, err := c.volume(ctx, pod.Namespace, volume, filepath.Join(dir, volume.Name))
			if err != nil {
				return nil, fmt.Errorf("volume %s: %w", volume.Name, err)
			}
			paths[mount.MountPath] = filepath.Join(at, mount.SubPath)
		}
	}
	return paths, nil
}

// volume fills one directory. Volumes that are only space keep what is in them.
func (c *Cluster) volume(ctx context.Context, namespace string, volume corev1.Volume, dir string) (string, error) {
	files := map[string][]byte{}
	switch {
	case volume.HostPath != nil:
		return volume.HostPath.Path, nil
	case volume.Secret != nil:
		secret, err := c.Core.CoreV1().Secrets(namespace).Get(ctx, volume.Secret.SecretName, metav1.GetOptions{})
		if err := ignoreMissing(err, volume.Secret.Optional); err != nil {
			return "", err
		}
		files = secret.Data
	case volume.ConfigMap != nil:
		config, err := c.Core.CoreV1().ConfigMaps(namespace).Get(ctx, volume.ConfigMap.Name, metav1.GetOptions{})
		if err := ignoreMissing(err, volume.ConfigMap.Optional); err != nil {
			return "", err
		}
		for name, text := range config.Data {
			files[name] = []byte(text)
		}
	case volume.EmptyDir != nil, volume.PersistentVolumeClaim != nil:
	default:
		return "", errors.New("its kind is not known here")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// relocate rewrites the paths of mounts in an argument to where they are here.
// A path counts at the begin of the text or after one of "=,:" and ends with the
// text, a slash or one of these.
func relocate(text string, paths map[string]string) string {
	for from, to := range paths {
		for at := 0; ; {
			found := strings.Index(text[at:], from)
			if found < 0 {
				break
			}
			begin, end := at+found, at+found+len(from)
			if (begin > 0 && !strings.ContainsRune("=,:", rune(text[begin-1]))) ||
				(end < len(text) && !strings.ContainsRune("/=,:", rune(text[end]))) {
				at = end
				continue
			}
			text = text[:begin] + to + text[end:]
			at = begin + len(to)
		}
	}
	return text
}
