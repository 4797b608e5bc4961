package machinejob

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// files are what a volume holds, by their paths in it.
type files map[string][]byte

// mount puts the container's volumes where it wants them. What a volume holds is read once: a Job is short.
func (j job) mount(ctx context.Context, root string) error {
	for _, mount := range j.container.VolumeMounts {
		held, err := j.volume(ctx, mount.Name)
		if err != nil {
			return fmt.Errorf("volume %s: %w", mount.Name, err)
		}
		at := filepath.Join(root, filepath.Clean("/"+mount.MountPath))
		if mount.SubPath != "" {
			held = files{"": held[mount.SubPath]}
		}
		if err := held.write(at, int(j.user())); err != nil {
			return fmt.Errorf("volume %s: %w", mount.Name, err)
		}
	}
	return nil
}

// write writes the files into a folder; a file without a name is the folder's place itself. All may be read by the program.
func (f files) write(folder string, owner int) error {
	if _, single := f[""]; !single {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return err
		}
		if err := os.Chown(folder, owner, owner); err != nil {
			return err
		}
	}
	for name, content := range f {
		path := filepath.Join(folder, filepath.Clean("/"+name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// volume is what a volume of the pod holds.
func (j job) volume(ctx context.Context, name string) (files, error) {
	for _, volume := range j.pod.Spec.Volumes {
		if volume.Name != name {
			continue
		}
		switch {
		case volume.EmptyDir != nil:
			return files{}, nil
		case volume.Secret != nil:
			content, err := j.secret(ctx, volume.Secret.SecretName, volume.Secret.Optional)
			return content.chosen(volume.Secret.Items), err
		case volume.ConfigMap != nil:
			content, err := j.configMap(ctx, volume.ConfigMap.Name, volume.ConfigMap.Optional)
			return content.chosen(volume.ConfigMap.Items), err
		case volume.Projected != nil:
			return j.projected(ctx, volume.Projected)
		default:
			return nil, fmt.Errorf("a volume of this kind is not played: %+v", volume.VolumeSource)
		}
	}
	return nil, errors.New("the pod has no such volume")
}

// chosen are the files that a list names, under its names; without a list all.
func (f files) chosen(items []corev1.KeyToPath) files {
	if len(items) == 0 {
		return f
	}
	chosen := files{}
	for _, item := range items {
		if content, is := f[item.Key]; is {
			chosen[item.Path] = content
		}
	}
	return chosen
}

// projected is a volume of several sources, as that with which every pod speaks to its API server.
func (j job) projected(ctx context.Context, volume *corev1.ProjectedVolumeSource) (files, error) {
	all := files{}
	for _, source := range volume.Sources {
		var part files
		var err error
		switch {
		case source.ServiceAccountToken != nil:
			part, err = j.token(ctx, source.ServiceAccountToken)
		case source.ConfigMap != nil:
			part, err = j.configMap(ctx, source.ConfigMap.Name, source.ConfigMap.Optional)
			part = part.chosen(source.ConfigMap.Items)
		case source.Secret != nil:
			part, err = j.secret(ctx, source.Secret.Name, source.Secret.Optional)
			part = part.chosen(source.Secret.Items)
		case source.DownwardAPI != nil:
			part, err = j.downward(source.DownwardAPI)
		default:
			err = fmt.Errorf("a source of this kind is not played: %+v", source)
		}
		if err != nil {
			return nil, err
		}
		for name, content := range part {
			all[name] = content
		}
	}
	return all, nil
}

// token is one of the pod's service account, for this pod alone.
func (j job) token(ctx context.Context, wanted *corev1.ServiceAccountTokenProjection) (files, error) {
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{
		ExpirationSeconds: wanted.ExpirationSeconds,
		BoundObjectRef:    &authenticationv1.BoundObjectReference{APIVersion: "v1", Kind: "Pod", Name: j.pod.Name, UID: j.pod.UID},
	}}
	if wanted.Audience != "" {
		request.Spec.Audiences = []string{wanted.Audience}
	}
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: j.pod.Namespace, Name: j.pod.Spec.ServiceAccountName}}
	if err := j.site.Client.SubResource("token").Create(ctx, account, request); err != nil {
		return nil, fmt.Errorf("token of service account %s: %w", account.Name, err)
	}
	return files{wanted.Path: []byte(request.Status.Token)}, nil
}

// downward are fields of the pod, of which the namespace alone is played.
func (j job) downward(wanted *corev1.DownwardAPIProjection) (files, error) {
	held := files{}
	for _, item := range wanted.Items {
		if item.FieldRef == nil || item.FieldRef.FieldPath != "metadata.namespace" {
			return nil, fmt.Errorf("the field of %s is not played", item.Path)
		}
		held[item.Path] = []byte(j.pod.Namespace)
	}
	return held, nil
}

func (j job) secret(ctx context.Context, name string, optional *bool) (files, error) {
	var found corev1.Secret
	err := j.site.Client.Get(ctx, client.ObjectKey{Namespace: j.pod.Namespace, Name: name}, &found)
	return found.Data, unlessOptional(err, optional)
}

func (j job) configMap(ctx context.Context, name string, optional *bool) (files, error) {
	var found corev1.ConfigMap
	err := j.site.Client.Get(ctx, client.ObjectKey{Namespace: j.pod.Namespace, Name: name}, &found)
	held := files{}
	for key, text := range found.Data {
		held[key] = []byte(text)
	}
	for key, content := range found.BinaryData {
		held[key] = content
	}
	return held, unlessOptional(err, optional)
}

func unlessOptional(err error, optional *bool) error {
	if ptr.Deref(optional, false) {
		return client.IgnoreNotFound(err)
	}
	return err
}
