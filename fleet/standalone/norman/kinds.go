package norman

import (
	"net/http"

	"github.com/rancher/norman/types"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"crofthci.io/croft/pkg/rancher/management"
)

func resource(plural string) schema.GroupVersionResource {
	return management.GroupVersion.WithResource(plural)
}

var onlyRead = []string{http.MethodGet}

// kinds are the types of /v3 that show objects.
var kinds = []kind{
	{
		id: "cluster", plural: "clusters", resource: resource("clusters"), object: "Cluster", prefix: "c-",
		fields: []field{
			{api: "name", path: "spec.displayName", rule: required},
			{api: "description", path: "spec.description"},
			{api: "internal", path: "spec.internal", kind: "boolean", rule: readOnly},
			{api: "fleetWorkspaceName", path: "spec.fleetWorkspaceName", rule: readOnly},
			{api: "provider", path: "status.provider", rule: readOnly},
			{api: "driver", path: "status.driver", rule: readOnly},
			{api: "apiEndpoint", path: "status.apiEndpoint", rule: readOnly},
			{api: "caCert", path: "status.caCert", rule: readOnly},
			{api: "version", path: "status.version", kind: "map[json]", rule: readOnly},
			{api: "nodeCount", path: "status.nodeCount", kind: "int", rule: readOnly},
			{api: "capacity", path: "status.capacity", kind: "map[json]", rule: readOnly},
			{api: "allocatable", path: "status.allocatable", kind: "map[json]", rule: readOnly},
			{api: "conditions", path: "status.conditions", kind: "array[json]", rule: readOnly},
		},
		actions: map[string]types.Action{"generateKubeconfig": {Output: "generateKubeconfigOutput"}},
		compute: clusterState,
		extend:  clusterActions,
	},
	{
		id: "clusterRegistrationToken", plural: "clusterRegistrationTokens", object: "ClusterRegistrationToken",
		resource: resource("clusterregistrationtokens"), prefix: "crt-", namespace: "clusterId",
		fields: []field{
			{api: "clusterId", path: "spec.clusterName", rule: required},
			{api: "token", path: "status.token", rule: readOnly},
			{api: "manifestUrl", path: "status.manifestUrl", rule: readOnly},
			{api: "command", path: "status.command", rule: readOnly},
			{api: "insecureCommand", path: "status.insecureCommand", rule: readOnly},
		},
	},
	{
		id: "user", plural: "users", resource: resource("users"), object: "User", prefix: "u-",
		fields: []field{
			{api: "name", path: "displayName"},
			{api: "username", path: "username", rule: createOnly},
			{api: "password", rule: writeOnly},
			{api: "description", path: "description"},
			{api: "enabled", path: "enabled", kind: "boolean"},
			{api: "mustChangePassword", path: "mustChangePassword", kind: "boolean"},
			{api: "principalIds", path: "principalIds", kind: "array[string]", rule: readOnly},
			{api: "me", kind: "boolean", rule: readOnly},
		},
		actions:           map[string]types.Action{"setpassword": {Input: "setPasswordInput", Output: "user"}},
		collectionActions: map[string]types.Action{"changepassword": {Input: "changePasswordInput"}},
		extend:            userActions,
	},
	{
		id: "project", plural: "projects", resource: resource("projects"), object: "Project", prefix: "p-", namespace: "clusterId",
		fields: []field{
			{api: "name", path: "spec.displayName", rule: required},
			{api: "description", path: "spec.description"},
			{api: "clusterId", path: "spec.clusterName", rule: required},
		},
	},
	{
		id: "clusterRoleTemplateBinding", plural: "clusterRoleTemplateBindings", object: "ClusterRoleTemplateBinding",
		resource: resource("clusterroletemplatebindings"), prefix: "crtb-", namespace: "clusterId",
		fields: []field{
			{api: "clusterId", path: "clusterName", rule: required},
			{api: "roleTemplateId", path: "roleTemplateName", rule: required},
			{api: "userId", path: "userName", rule: createOnly},
			{api: "userPrincipalId", path: "userPrincipalName", rule: createOnly},
			{api: "groupId", path: "groupName", rule: createOnly},
			{api: "groupPrincipalId", path: "groupPrincipalName", rule: createOnly},
		},
		extend: bindingChecks,
	},
	{
		id: "projectRoleTemplateBinding", plural: "projectRoleTemplateBindings", object: "ProjectRoleTemplateBinding",
		resource: resource("projectroletemplatebindings"), prefix: "prtb-", namespace: "projectId",
		fields: []field{
			{api: "projectId", path: "projectName", rule: required},
			{api: "roleTemplateId", path: "roleTemplateName", rule: required},
			{api: "userId", path: "userName", rule: createOnly},
			{api: "userPrincipalId", path: "userPrincipalName", rule: createOnly},
			{api: "groupId", path: "groupName", rule: createOnly},
			{api: "groupPrincipalId", path: "groupPrincipalName", rule: createOnly},
		},
		extend: bindingChecks,
	},
	{
		id: "roleTemplate", plural: "roleTemplates", resource: resource("roletemplates"), object: "RoleTemplate", prefix: "rt-",
		fields: []field{
			{api: "name", path: "displayName", rule: required},
			{api: "description", path: "description"},
			{api: "context", path: "context", rule: required},
			{api: "rules", path: "rules", kind: "array[json]"},
			{api: "roleTemplateIds", path: "roleTemplateNames", kind: "array[string]"},
			{api: "builtin", path: "builtin", kind: "boolean", rule: readOnly},
			{api: "external", path: "external", kind: "boolean"},
			{api: "hidden", path: "hidden", kind: "boolean"},
			{api: "locked", path: "locked", kind: "boolean"},
		},
	},
	{
		id: "globalRole", plural: "globalRoles", resource: resource("globalroles"), object: "GlobalRole", prefix: "gr-",
		fields: []field{
			{api: "name", path: "displayName", rule: required},
			{api: "description", path: "description"},
			{api: "rules", path: "rules", kind: "array[json]"},
			{api: "newUserDefault", path: "newUserDefault", kind: "boolean"},
			{api: "builtin", path: "builtin", kind: "boolean", rule: readOnly},
		},
	},
	{
		id: "globalRoleBinding", plural: "globalRoleBindings", object: "GlobalRoleBinding", resource: resource("globalrolebindings"), prefix: "grb-",
		fields: []field{
			{api: "globalRoleId", path: "globalRoleName", rule: required},
			{api: "userId", path: "userName", rule: createOnly},
			{api: "groupPrincipalId", path: "groupPrincipalName", rule: createOnly},
		},
	},
	{
		id: "setting", plural: "settings", resource: resource("settings"), object: "Setting",
		methods: []string{http.MethodGet, http.MethodPut},
		fields: []field{
			{api: "value", path: "value"},
			{api: "default", path: "default", rule: readOnly},
			{api: "customized", path: "customized", kind: "boolean", rule: readOnly},
			{api: "source", path: "source", rule: readOnly},
		},
	},
	{
		id: "feature", plural: "features", resource: resource("features"), object: "Feature",
		methods: []string{http.MethodGet, http.MethodPut},
		fields: []field{
			{api: "value", path: "spec.value", kind: "boolean"},
			{api: "status", path: "status", kind: "map[json]", rule: readOnly},
		},
	},
	{
		id: "nodeDriver", plural: "nodeDrivers", resource: resource("nodedrivers"), object: "NodeDriver", methods: onlyRead,
		fields: []field{
			{api: "displayName", path: "spec.displayName", rule: readOnly},
			{api: "active", path: "spec.active", kind: "boolean", rule: readOnly},
			{api: "builtin", path: "spec.builtin", kind: "boolean", rule: readOnly},
			{api: "url", path: "spec.url", rule: readOnly},
		},
	},
}

// inputs are what actions take and give.
func inputs() []types.Schema {
	made := func(id string, fields ...field) types.Schema {
		s := types.Schema{ID: id, PluralName: id + "s", Version: version, ResourceFields: map[string]types.Field{},
			CollectionMethods: []string{}, ResourceMethods: []string{}}
		for _, f := range fields {
			s.ResourceFields[f.api] = f.norman()
		}

		return s
	}

	return []types.Schema{
		made("setPasswordInput", field{api: "newPassword", rule: required}),
		made("changePasswordInput", field{api: "currentPassword", rule: required}, field{api: "newPassword", rule: required}),
		made("generateKubeconfigOutput", field{api: "config"}),
		made("searchPrincipalsInput", field{api: "name", rule: required}, field{api: "principalType"}),
	}
}
