package longhorn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/pkg/longhorn"
)

// bring brings the bytes of an image, and says how far it is. What Longhorn waits for without a word is looked for again.
func (m *Manager) bring(ctx context.Context, image *longhorn.BackingImage) {
	from, size, err := m.open(ctx, image)
	if errors.Is(err, errNoSecret) {
		return
	}
	if err == nil {
		err = m.keep(ctx, image, from, size)
		err = errors.Join(err, from.Close())
	}
	m.conclude(ctx, image, err)
}

// conclude says how it ended.
func (m *Manager) conclude(ctx context.Context, image *longhorn.BackingImage, err error) {
	if ctx.Err() != nil {
		return // the image goes, or the site ends and begins again
	}
	if err != nil {
		err = m.say(ctx, image, longhorn.BackingImageCopy{State: longhorn.CopyFailed, Message: "failed to process sync file: " + err.Error()})
	} else {
		err = m.say(ctx, image, longhorn.BackingImageCopy{State: longhorn.CopyReady, Progress: 100})
	}
	if client.IgnoreNotFound(err) != nil {
		m.Log.Warn("say how far a backing image is", "image", image.Name, "error", err)
	}
}

// open opens where an image's bytes come from; size is -1 when nobody knows it.
func (m *Manager) open(ctx context.Context, image *longhorn.BackingImage) (io.ReadCloser, int64, error) {
	parameters := image.Spec.SourceParameters
	switch image.Spec.SourceType {
	case longhorn.SourceDownload:
		return download(ctx, parameters["url"])
	case longhorn.SourceVolume:
		return file(m.Volume(parameters["volume-name"]))
	case longhorn.SourceClone:
		return m.clone(ctx, parameters)
	default:
		return nil, 0, fmt.Errorf("unknown source type %s", image.Spec.SourceType)
	}
}

func file(path string) (io.ReadCloser, int64, error) {
	opened, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	info, err := opened.Stat()
	if err != nil {
		return nil, 0, errors.Join(err, opened.Close())
	}
	return opened, info.Size(), nil
}
