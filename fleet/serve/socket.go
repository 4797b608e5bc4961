package serve

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/rancher/apiserver/pkg/subscribe"
	"github.com/rancher/apiserver/pkg/types"
	"github.com/rancher/wrangler/v3/pkg/schemas"
	"github.com/rancher/wrangler/v3/pkg/schemas/validation"

	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/index/rights"
)

const (
	// longestMessage is the most bytes that a client's message has.
	longestMessage = 64 << 10
	// slowest is how long a client may take to take one message.
	slowest = 30 * time.Second
	// alive is how often a client is told that there is still somebody.
	alive = 30 * time.Second
)

// sockets serves the websocket. Its messages are those of Steve, so that Rancher's pages understand them; Steve's own
// server knows neither queries nor cursors, and ends a subscription whose reader is slow for a moment.
type sockets struct {
	stores   map[string]*store
	places   *places
	press    *press
	version  string
	upgrader websocket.Upgrader
}

func newSockets(version string) *sockets {
	return &sockets{
		stores: map[string]*store{}, places: &places{}, press: &press{}, version: version,
		upgrader: websocket.Upgrader{HandshakeTimeout: slowest, EnableCompression: true},
	}
}

func (s *sockets) schema() types.APISchema {
	fields := map[string]schemas.Field{}
	for name, kind := range map[string]string{
		"mode": "string", "stop": "boolean", "resourceType": "string", "resourceVersion": "string", "namespace": "string", "id": "string", "selector": "string",
		"debounceMs": "int", "filter": "array[string]", "search": "string", "site": "string", "projectsornamespaces": "string", "cursor": "string",
		"include": "array[string]", "exclude": "array[string]",
	} {
		fields[name] = schemas.Field{Type: kind}
	}
	return types.APISchema{
		Schema: &schemas.Schema{
			ID: "subscribe", PluralName: "subscribe", Description: "A websocket that tells of changes.",
			CollectionMethods: []string{http.MethodGet}, ResourceMethods: []string{}, ResourceFields: fields,
		},
		ListHandler: s.serve,
	}
}

// serve speaks with one client until it goes.
func (s *sockets) serve(op *types.APIRequest) (types.APIObjectList, error) {
	connection, err := s.upgrader.Upgrade(op.Response, op.Request, nil)
	if err != nil {
		return types.APIObjectList{}, validation.ErrComplete // the upgrader has answered
	}
	defer connection.Close()
	connection.SetReadLimit(longestMessage)
	ctx, cancel := context.WithCancel(op.Context())
	c := &conversation{sockets: s, op: op, connection: connection, out: make(chan message), running: map[string]*running{}}
	var done sync.WaitGroup
	done.Go(func() {
		defer cancel()
		// Whoever does not listen any more does not say anything either; closing ends the reading.
		defer connection.Close()
		c.write(ctx)
	})
	c.read(ctx)
	cancel()
	c.followers.Wait()
	done.Wait()
	return types.APIObjectList{}, validation.ErrComplete
}

// conversation is one connection with its subscriptions.
type conversation struct {
	*sockets
	op         *types.APIRequest
	connection *websocket.Conn
	out        chan message
	// frame is where messages of rows are put together.
	frame     []byte
	followers sync.WaitGroup

	lock    sync.Mutex
	running map[string]*running
}

// running is a subscription that is being followed.
type running struct {
	cancel context.CancelFunc
}

// read takes what the client asks.
func (c *conversation) read(ctx context.Context) {
	for {
		_, reader, err := c.connection.NextReader()
		if err != nil {
			return
		}
		var ask Subscribe
		if err := json.NewDecoder(reader).Decode(&ask); err != nil {
			c.tell(ctx, failure(Subscribe{}, errors.New("the message cannot be read: "+err.Error())))
			continue
		}
		if ask.Stop {
			c.stop(ask)
			continue
		}
		c.begin(ctx, ask)
	}
}

// begin follows for the client, unless it asked for the same already. Whoever has too many subscriptions is told so before
// anything else of his is read.
func (c *conversation) begin(ctx context.Context, ask Subscribe) {
	if c.follows(ask) {
		return
	}
	who := caller(c.op)
	if !c.places.take(who.Name) {
		c.tell(ctx, failure(ask, errTooMany))
		c.tell(ctx, stopped(ask))
		return
	}
	inner, cancel := context.WithCancel(ctx)
	mine := &running{cancel: cancel}
	c.lock.Lock()
	c.running[ask.key()] = mine
	c.lock.Unlock()
	c.followers.Go(func() {
		err := c.follow(ctx, inner, who, ask)
		over := inner.Err() != nil
		c.end(ask, mine)
		if err != nil && !over {
			c.tell(ctx, failure(ask, err))
		}
		c.places.leave(who.Name)
		c.tell(ctx, stopped(ask))
	})
}

func (c *conversation) follows(ask Subscribe) bool {
	c.lock.Lock()
	defer c.lock.Unlock()
	_, ok := c.running[ask.key()]
	return ok
}

// end forgets a subscription, if another one of the same fields has not taken its place.
func (c *conversation) end(ask Subscribe, mine *running) {
	mine.cancel()
	c.lock.Lock()
	defer c.lock.Unlock()
	if c.running[ask.key()] == mine {
		delete(c.running, ask.key())
	}
}

// stop ends a subscription. The client may begin the same again at once.
func (c *conversation) stop(ask Subscribe) {
	c.lock.Lock()
	defer c.lock.Unlock()
	if mine, ok := c.running[ask.key()]; ok {
		mine.cancel()
		delete(c.running, ask.key())
	}
}

// follow tells of one subscription until it ends. What it has begun to tell it tells also when the client stops it.
func (c *conversation) follow(ctx, inner context.Context, who rights.User, ask Subscribe) error {
	schema := c.op.Schemas.LookupSchema(ask.ResourceType)
	if schema == nil || c.stores[schema.ID] == nil {
		return errors.New("there is no type " + index.Short(ask.ResourceType) + " of which could be told")
	}
	w, err := newWatcher(c.stores[schema.ID], who, ask)
	if err != nil {
		return err
	}
	defer w.news.Stop()
	about := ask.about()
	return w.run(inner, func(told message) bool {
		told.about = about
		return c.tell(ctx, of(ask, told))
	})
}

// of puts the fields of a subscription on a message, by which the client knows which one it is about.
func of(ask Subscribe, told message) message {
	told.ResourceType, told.Namespace, told.ID, told.Selector, told.Mode = ask.ResourceType, ask.Namespace, ask.ID, ask.Selector, ask.Mode
	return told
}

func stopped(ask Subscribe) message {
	return of(ask, message{APIEvent: types.APIEvent{Name: "resource.stop"}})
}

func failure(ask Subscribe, err error) message {
	return of(ask, message{APIEvent: types.APIEvent{Name: "resource.error", Error: err}})
}

func (c *conversation) tell(ctx context.Context, told message) bool {
	select {
	case c.out <- told:
		return true
	case <-ctx.Done():
		return false
	}
}

// write writes what is told, and now and then that there is still somebody.
func (c *conversation) write(ctx context.Context) {
	ticker := time.NewTicker(alive)
	defer ticker.Stop()
	for {
		told := message{APIEvent: types.APIEvent{Name: "ping", Object: types.APIObject{Object: map[string]any{"version": c.version}}}}
		select {
		case <-ctx.Done():
			return
		case told = <-c.out:
		case <-ticker.C:
		}
		if err := c.send(told); err != nil {
			slog.Debug("a subscriber has gone", "user", caller(c.op).Name, "error", err)
			return
		}
	}
}

func (c *conversation) send(told message) error {
	if told.seen != nil {
		return c.sendRow(told)
	}
	told.APIEvent = subscribe.MarshallObject(c.op, subscribe.DefaultGetter, told.APIEvent)
	if told.Error != nil {
		told.Name, told.Data = "resource.error", map[string]any{"error": told.Error.Error()}
	}
	if err := c.connection.SetWriteDeadline(time.Now().Add(slowest)); err != nil {
		return err
	}
	return c.connection.WriteJSON(told)
}

// sendRow sends a message whose row may have been written for others already.
func (c *conversation) sendRow(told message) error {
	row, err := c.press.row(c.op, told.seen)
	if err != nil {
		return err
	}
	c.frame = told.appendTo(c.frame[:0], row)
	if err := c.connection.SetWriteDeadline(time.Now().Add(slowest)); err != nil {
		return err
	}
	return c.connection.WriteMessage(websocket.TextMessage, c.frame)
}
