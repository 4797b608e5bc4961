package guest

import (
	"context"
	"encoding/base64"
)

// SetKeys has the guest's agent let a user in by these SSH keys alone.
func (g *Guest) SetKeys(ctx context.Context, user string, keys []string) error {
	return g.command(ctx, "guest-ssh-add-authorized-keys", map[string]any{"username": user, "keys": keys, "reset": true})
}

// SetPassword has the guest's agent change a user's password.
func (g *Guest) SetPassword(ctx context.Context, user, password string) error {
	return g.command(ctx, "guest-set-user-password", map[string]any{
		"username": user, "password": base64.StdEncoding.EncodeToString([]byte(password)), "crypted": false,
	})
}
