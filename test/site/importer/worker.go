package importer

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/test/site/site"
)

const (
	// dataVolume is how CDI names a pod's volume that is to be filled or read.
	dataVolume = "cdi-data-vol"
	// port is where CDI's workers listen, for uploads and for metrics.
	port = 8443
)

// worker is one pod while it is played.
type worker struct {
	site    *site.Site
	pod     *corev1.Pod
	address netip.Addr
	started time.Time
	// playing ends when the pod is deleted.
	playing context.Context
}

// readyAtOnce says whether nobody asks the pod if it is ready.
func (w *worker) readyAtOnce() bool {
	return w.pod.Spec.Containers[0].ReadinessProbe == nil
}

// env is an environment variable of the pod's first container, also one that
// comes from a secret.
func (w *worker) env(ctx context.Context, name string) (string, error) {
	for _, v := range w.pod.Spec.Containers[0].Env {
		if v.Name != name {
			continue
		}
		if v.ValueFrom == nil || v.ValueFrom.SecretKeyRef == nil {
			return v.Value, nil
		}
		ref := v.ValueFrom.SecretKeyRef
		content, err := w.secret(ctx, ref.Name)
		return string(content[ref.Key]), err
	}
	return "", nil
}

// set is an environment variable that never comes from a secret.
func (w *worker) set(name string) string {
	for _, v := range w.pod.Spec.Containers[0].Env {
		if v.Name == name {
			return v.Value
		}
	}
	return ""
}

// envs are the values of all variables whose names begin so.
func (w *worker) envs(prefix string) []string {
	var all []string
	for _, v := range w.pod.Spec.Containers[0].Env {
		if strings.HasPrefix(v.Name, prefix) {
			all = append(all, v.Value)
		}
	}
	return all
}

func (w *worker) secret(ctx context.Context, name string) (map[string][]byte, error) {
	var secret corev1.Secret
	if err := w.site.Client.Get(ctx, client.ObjectKey{Namespace: w.pod.Namespace, Name: name}, &secret); err != nil {
		return nil, fmt.Errorf("secret %s: %w", name, err)
	}
	return secret.Data, nil
}

// mounted are the files in a folder of the container, from a config map or a
// secret.
func (w *worker) mounted(ctx context.Context, folder string) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, mount := range w.pod.Spec.Containers[0].VolumeMounts {
		if !strings.HasPrefix(filepath.Clean(mount.MountPath), filepath.Clean(folder)) {
			continue
		}
		content, err := w.content(ctx, mount.Name)
		if err != nil {
			return nil, err
		}
		for name, data := range content {
			files[name] = data
		}
	}
	return files, nil
}

// content is what a volume of the pod, config map or secret, holds.
func (w *worker) content(ctx context.Context, volume string) (map[string][]byte, error) {
	for _, v := range w.pod.Spec.Volumes {
		if v.Name != volume {
			continue
		}
		if v.Secret != nil {
			return w.secret(ctx, v.Secret.SecretName)
		}
		if v.ConfigMap == nil {
			return nil, nil
		}
		var found corev1.ConfigMap
		if err := w.site.Client.Get(ctx, client.ObjectKey{Namespace: w.pod.Namespace, Name: v.ConfigMap.Name}, &found); err != nil {
			return nil, fmt.Errorf("config map %s: %w", v.ConfigMap.Name, err)
		}
		files := map[string][]byte{}
		for name, text := range found.Data {
			files[name] = []byte(text)
		}
		return files, nil
	}
	return nil, nil
}

// claim is the claim that the pod fills or reads.
func (w *worker) claim(ctx context.Context) (*corev1.PersistentVolumeClaim, error) {
	return w.claimOf(ctx, dataVolume)
}

// claimOf is the claim of one of the pod's volumes.
func (w *worker) claimOf(ctx context.Context, name string) (*corev1.PersistentVolumeClaim, error) {
	for _, v := range w.pod.Spec.Volumes {
		if v.Name != name || v.PersistentVolumeClaim == nil {
			continue
		}
		var claim corev1.PersistentVolumeClaim
		key := client.ObjectKey{Namespace: w.pod.Namespace, Name: v.PersistentVolumeClaim.ClaimName}
		if err := w.site.Client.Get(ctx, key, &claim); err != nil {
			return nil, fmt.Errorf("claim %s: %w", key, err)
		}
		return &claim, nil
	}
	return nil, fmt.Errorf("pod %s/%s has no volume %s", w.pod.Namespace, w.pod.Name, name)
}

// disk is the file with the bytes of the pod's volume.
func (w *worker) disk(ctx context.Context) (*disk, error) {
	return w.diskOf(ctx, dataVolume)
}

// diskOf is the file with the bytes of one of the pod's volumes, once its claim has one: a kubelet starts no pod before.
func (w *worker) diskOf(ctx context.Context, name string) (*disk, error) {
	claim, err := w.claimOf(ctx, name)
	for ; err == nil && claim.Spec.VolumeName == ""; claim, err = w.claimOf(ctx, name) {
		if err := pause(ctx, sayAgain); err != nil {
			return nil, err
		}
	}
	if err != nil {
		return nil, err
	}
	var volume corev1.PersistentVolume
	if err := w.site.Client.Get(ctx, client.ObjectKey{Name: claim.Spec.VolumeName}, &volume); err != nil {
		return nil, fmt.Errorf("volume %s: %w", claim.Spec.VolumeName, err)
	}
	if volume.Spec.CSI == nil {
		return nil, fmt.Errorf("volume %s has no CSI source", volume.Name)
	}
	path := w.site.VolumePath(volume.Spec.CSI.VolumeHandle)
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("volume %s: %w", volume.Name, err)
	}
	return &disk{path: path, size: info.Size()}, nil
}

// scratch is an empty folder of the pod's own.
func (w *worker) scratch() (string, error) {
	dir := filepath.Join(w.site.Data, "scratch", string(w.pod.UID))
	if err := os.RemoveAll(dir); err != nil {
		return "", err
	}
	return dir, os.MkdirAll(dir, 0o755)
}
