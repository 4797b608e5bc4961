package steve_test

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/capability"
)

// gadgets are the capability of these tests: a thing that is on or off.
var gadgets = capability.Capability{
	Name: "gadget",
	Resources: []capability.Resource{{
		Kind: gadgetKind,
		Read: capability.Reading(func(_ capability.View, object *unstructured.Unstructured) (gadget, error) {
			on, _, err := unstructured.NestedBool(object.Object, "spec", "on")
			return gadget{client.ObjectKeyFromObject(object), on}, err
		}),
		State: capability.Stating(func(g gadget) capability.State {
			if g.Name == trap {
				panic("the capability has a bug")
			}
			return capability.State{Name: map[bool]string{true: "On", false: "Off"}[g.on], Message: "A gadget."}
		}),
		Actions: []capability.Action{
			capability.On("switchOn", unlessOff, switchOn).Needs("update", gadgetVersion, "gadgets/switchon").Explained("Switches it on."),
			capability.With("rename", unlessOff, rename).Needs("update", gadgetVersion, "gadgets").Explained("Gives it a title."),
			capability.Ask("weigh", never, weigh).Needs("get", gadgetVersion, "gadgets").Explained("Answers with its weight."),
			gadgetStreams,
		},
		Collective: []capability.Action{gadgetCollective},
		Links: []capability.Link{
			capability.Fetch("manual", manual).Needs("get", gadgetVersion, "gadgets").Explained("Its manual."),
		},
		Delete: capability.Deleting(func(
			_ context.Context, _ capability.Caller, g gadget, options capability.Options, deletion capability.Deletion,
		) error {
			if g.on && len(options["really"]) == 0 {
				return capability.Refuse("really", "%s is on.", g.Name)
			}
			return deletion()
		}),
		Indexed: []string{"spec.size"},
	}, {
		// A kind that the cluster does without, and that the server does not wait for.
		Kind: gadgetVersion.WithKind("Gizmo"), Optional: true,
	}},
	Routes:  gadgetRoutes,
	Watched: []capability.Watched{{Object: &corev1.Node{}}, {Object: gizmo(), Optional: true}},
}

func gizmo() client.Object {
	none := &unstructured.Unstructured{}
	none.SetGroupVersionKind(gadgetVersion.WithKind("Gizmo"))
	return none
}

var (
	gadgetVersion = schema.GroupVersion{Group: "test.crofthci.io", Version: "v1"}
	gadgetKind    = gadgetVersion.WithKind("Gadget")
)

// trap is the name of a gadget that the capability trips over.
const trap = "trap"

type gadget struct {
	types.NamespacedName
	on bool
}

// RenameInput is the input of rename.
type RenameInput struct {
	// Title is the new title.
	Title string `json:"title"`
}

// GadgetWeight is the answer of weigh.
type GadgetWeight struct {
	// Grams is the weight.
	Grams int `json:"grams"`
}

func unlessOff(g gadget) string {
	if g.on {
		return "The gadget is on."
	}
	return ""
}

func never(gadget) string { return "" }

func switchOn(ctx context.Context, caller capability.Caller, g gadget) error {
	return change(ctx, caller, g, `{"spec":{"on":true}}`)
}

func rename(ctx context.Context, caller capability.Caller, g gadget, input RenameInput) error {
	if input.Title == "" {
		return capability.Refuse("title", "A gadget needs a title.")
	}
	return change(ctx, caller, g, fmt.Sprintf(`{"spec":{"title":%q}}`, input.Title))
}

func change(ctx context.Context, caller capability.Caller, g gadget, patch string) error {
	return caller.Client.Patch(ctx, newGadget(g.Namespace, g.Name), client.RawPatch(types.MergePatchType, []byte(patch)))
}

func weigh(context.Context, capability.Caller, gadget) (GadgetWeight, error) {
	return GadgetWeight{Grams: 3}, nil
}

func manual(_ context.Context, _ capability.Caller, g gadget) (map[string]string, error) {
	return map[string]string{"text": "How to use " + g.Name}, nil
}

func newGadget(namespace, name string) *unstructured.Unstructured {
	object := &unstructured.Unstructured{Object: map[string]any{}}
	object.SetGroupVersionKind(gadgetKind)
	object.SetNamespace(namespace)
	object.SetName(name)
	return object
}

// define makes the kind and waits until it is served.
func define(ctx context.Context, admin client.Client) error {
	property := func(kind string) apiextensionsv1.JSONSchemaProps { return apiextensionsv1.JSONSchemaProps{Type: kind} }
	size := property("integer")
	size.Minimum = ptr.To(0.0)
	definition := &apiextensionsv1.CustomResourceDefinition{
		ObjectMeta: metav1.ObjectMeta{Name: "gadgets.test.crofthci.io"},
		Spec: apiextensionsv1.CustomResourceDefinitionSpec{
			Group: gadgetVersion.Group, Scope: apiextensionsv1.NamespaceScoped,
			Names: apiextensionsv1.CustomResourceDefinitionNames{Plural: "gadgets", Singular: "gadget", Kind: "Gadget"},
			Versions: []apiextensionsv1.CustomResourceDefinitionVersion{{
				Name: gadgetVersion.Version, Served: true, Storage: true,
				AdditionalPrinterColumns: []apiextensionsv1.CustomResourceColumnDefinition{
					{Name: "Size", Type: "integer", JSONPath: ".spec.size"},
				},
				Schema: &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: &apiextensionsv1.JSONSchemaProps{
					Type: "object",
					Properties: map[string]apiextensionsv1.JSONSchemaProps{"spec": {
						Type: "object",
						Properties: map[string]apiextensionsv1.JSONSchemaProps{
							"on": property("boolean"), "title": property("string"), "size": size,
						},
					}},
				}},
			}},
		},
	}
	if err := admin.Create(ctx, definition); err != nil {
		return err
	}
	return wait.PollUntilContextTimeout(ctx, patience/1000, patience, true, func(ctx context.Context) (bool, error) {
		if err := admin.Get(ctx, client.ObjectKeyFromObject(definition), definition); err != nil {
			return false, err
		}
		for _, condition := range definition.Status.Conditions {
			if condition.Type == apiextensionsv1.Established && condition.Status == apiextensionsv1.ConditionTrue {
				return true, nil
			}
		}
		return false, nil
	})
}
