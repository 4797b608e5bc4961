package fill

import (
	"context"

	"crofthci.io/croft/backend/image/relay"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// detour is where the next attempt of a download is fetched from: the source itself, and once that has failed, the relay, if
// the source can be asked for the rest of a file that it breaks off. An importer would begin anew each time.
func (c *Controller) detour(ctx context.Context, image *image) string {
	url := image.Spec.URL
	if c.Relay == "" || image.Spec.SourceType != harvesterv1.ImageSourceDownload || image.Status.Failed == 0 {
		return url
	}
	file, err := c.Probe(ctx, url)
	if err != nil || !file.Resumable {
		return url // the importer says what is the matter
	}
	return c.Relay + relay.Path(image)
}
